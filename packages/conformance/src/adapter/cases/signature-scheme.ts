import assert from 'node:assert/strict'
import { call, inject } from '../call.js'
import { deliver, type Fields, invalid, isVerified, message, replayed, unavailable } from '../deliveries.js'
import { isRefusal, refused } from '../expectations.js'
import type { AdapterCase } from '../lab.js'
import { now, type Sender, senders } from '../senders.js'

/** JSON, every byte there is, a byte order mark, bytes that are not UTF-8, nothing, and as much as is allowed. */
const bodies: readonly Buffer[] = [
  Buffer.from('{"type":"payment.settled"}'),
  Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index)),
  Buffer.from('\ufeff{"a":1}'),
  Buffer.from([0xff, 0xfe, 0x00]),
  Buffer.alloc(0),
  Buffer.alloc(1024 * 1024, 7),
]

const signed = Object.entries(senders).filter(([scheme]) => scheme !== 'header-secret') as [string, Sender][]
const timed = signed.filter(([scheme]) => scheme !== 'github')
/** What holds of every scheme that signs. */
const perScheme = signed.flatMap(([scheme, sign]): AdapterCase[] => [
  {
    name: `${scheme}: the handler reads the very bytes that were signed`,
    run: async (lab) => {
      for (const body of bodies) {
        // As bytes: what is no JSON would be refused by the parser behind the guard.
        const headers = { ...sign(body), 'Content-Type': 'application/octet-stream' }
        const answer = await call(lab, `POST /hooks/${scheme}`, { body, headers })
        isVerified(answer, body)
      }
    },
  },
  {
    name: `${scheme}: another body, another secret, a field left out or sent twice are refused alike`,
    run: async (lab) => {
      const body = message()
      const good = sign(body)
      const attempts: Fields[] = [
        sign(Buffer.concat([body, Buffer.from(' ')])),
        sign(Buffer.concat([Buffer.from('\ufeff'), body])),
        sign(body, { secret: 'some other secret' }),
        {},
      ]
      for (const name of Object.keys(good).filter((name) => !/^x-github/i.test(name))) {
        const { [name]: value, ...rest } = good as Record<string, string>
        attempts.push(
          rest,
          { ...rest, [name]: [value!, value!] },
          { ...rest, [name]: '' },
          { ...rest, [name]: `${value}0` },
        )
      }
      const answers = await Promise.all(attempts.map((headers) => deliver(lab, scheme, headers, body)))
      for (const answer of answers) isRefusal(answer, invalid)
      assert.equal(new Set(answers.map((answer) => answer.body.toString())).size, 1)
      isVerified(await deliver(lab, scheme, good, body), body)
    },
  },
  {
    name: `${scheme}: a message that was handled is not handled again`,
    run: async (lab) => {
      const body = message()
      const headers = sign(body)
      isVerified(await deliver(lab, scheme, headers, body), body)
      isRefusal(await deliver(lab, scheme, headers, body), replayed)
    },
  },
  {
    name: `${scheme}: after a failed handler the message is let in again`,
    run: async (lab) => {
      const body = message()
      const headers = sign(body)
      assert.equal((await deliver(lab, scheme, headers, body, '?status=500')).status, 500)
      isVerified(await deliver(lab, scheme, headers, body), body)
    },
  },
  {
    name: `${scheme}: of 100 copies at once one is handled`,
    run: async (lab) => {
      const body = message()
      const headers = sign(body)
      const copy = () => deliver(lab, scheme, headers, body, '?delayMs=20')
      const answers = await Promise.all(Array.from({ length: 100 }, copy))
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      for (const answer of answers) {
        assert.ok(answer.status === 200 || answer.status === 409, String(answer.status))
      }
    },
  },
  {
    name: `${scheme}: a body over 1 MiB is refused, and without a good head it is not even read`,
    run: async (lab) => {
      const body = Buffer.alloc(1024 * 1024 + 1)
      isRefusal(await deliver(lab, scheme, sign(body), body), refused.tooLarge)
      isRefusal(await deliver(lab, scheme, {}, body), invalid)
    },
  },
  {
    name: `${scheme}: while replays cannot be told nothing is handled`,
    run: async (lab) => {
      const body = message()
      const headers = sign(body)
      await inject(lab, { claim: 'fail' })
      isRefusal(await deliver(lab, scheme, headers, body), unavailable)
      await inject(lab, { claim: 'ok' })
      isVerified(await deliver(lab, scheme, headers, body), body)
    },
  },
])

const perTimedScheme = timed.map(
  ([scheme, sign]): AdapterCase => ({
    name: `${scheme}: a message from long ago or from the future is refused`,
    run: async (lab) => {
      const body = message()
      for (const at of [now() - 400, now() + 400, Number.NaN]) {
        isRefusal(await deliver(lab, scheme, sign(body, { at }), body), invalid)
      }
      isVerified(await deliver(lab, scheme, sign(body, { at: now() - 200 }), body), body)
    },
  }),
)

/** Every scheme, sentence by sentence. */
export const signatureSchemeCases: readonly AdapterCase[] = [...perScheme, ...perTimedScheme]
