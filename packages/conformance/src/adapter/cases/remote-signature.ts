import assert from 'node:assert/strict'
import { invalid, isVerified, replayed, unavailable } from '../deliveries.js'
import { isRefusal, refused } from '../expectations.js'
import { type AdapterCase, under } from '../lab.js'
import { postFrom, type RemoteSender, remoteSenders } from '../remote-senders.js'

const names = Object.keys(remoteSenders) as RemoteSender[]
/** Those whose signature is over the body, one way or another. */
const signing = names.filter((name) => name !== 'google-pubsub')
/** Those that sign a time. */
const timed = ['paypal', 'sns', 'plaid', 'google-pubsub'] as const

const oneChanged = (body: Buffer) =>
  Buffer.from(body.toString().replace(/"id"|"Message"/, (name) => `${name.slice(0, -1)}X"`))

/** Every sender, the same way. */
const everySender = names.flatMap((name): readonly AdapterCase[] => [
  {
    name: `${name}: what its sender signs is handled, and read as it was sent`,
    run: async (lab) => {
      const sent = remoteSenders[name]()
      isVerified(await postFrom(lab, name, sent), sent.body)
    },
  },
  {
    name: `${name}: without any field of the credential, or with it twice, it is refused`,
    run: async (lab) => {
      const { headers, body } = remoteSenders[name]()
      for (const field of Object.keys(headers).filter(
        (each) => each !== 'content-type' && each !== 'x-amz-sns-message-id',
      )) {
        const { [field]: value, ...others } = headers
        isRefusal(await postFrom(lab, name, { headers: others, body }), invalid)
        const twice = { ...others, [field]: [String(value), String(value)] }
        isRefusal(await postFrom(lab, name, { headers: twice, body }), invalid)
      }
      isVerified(await postFrom(lab, name, { headers, body }), body)
    },
  },
  ...under(
    { signature: { keyHost: 'fail' } },
    name === 'netlify'
      ? []
      : [
          {
            name: `${name}: while its keys cannot be had nothing is handled`,
            run: async (lab) => isRefusal(await postFrom(lab, name, remoteSenders[name]()), unavailable),
          },
        ],
  ),
  ...under(
    { signature: { keyHost: 'hang', secretsTimeoutSeconds: 0.1 } },
    name === 'netlify'
      ? []
      : [
          {
            name: `${name}: a host of keys that never answers is not waited for`,
            run: async (lab) => isRefusal(await postFrom(lab, name, remoteSenders[name]()), unavailable),
          },
        ],
  ),
])

const everySigner = signing.flatMap((name): readonly AdapterCase[] => [
  {
    name: `${name}: another body is refused, and uses nothing up`,
    run: async (lab) => {
      const { headers, body } = remoteSenders[name]()
      for (const other of [oneChanged(body), Buffer.concat([Buffer.from('\ufeff'), body]), body.subarray(0, -1)]) {
        isRefusal(await postFrom(lab, name, { headers, body: other }), invalid)
      }
      isVerified(await postFrom(lab, name, { headers, body }), body)
    },
  },
  {
    name: `${name}: once it was handled it is refused, and after a failure it is let in again`,
    run: async (lab) => {
      const sent = remoteSenders[name]()
      assert.equal((await postFrom(lab, name, sent, '?status=500')).status, 500)
      isVerified(await postFrom(lab, name, sent), sent.body)
      isRefusal(await postFrom(lab, name, sent), replayed)
    },
  },
  {
    name: `${name}: of 100 copies at once one is handled`,
    run: async (lab) => {
      const sent = remoteSenders[name]()
      const answers = await Promise.all(Array.from({ length: 100 }, () => postFrom(lab, name, sent, '?delayMs=20')))
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      for (const { status } of answers) assert.ok(status === 200 || status === 409, String(status))
    },
  },
])

const tooLarge = signing
  .filter((name) => name !== 'sns')
  .map(
    (name): AdapterCase => ({
      name: `${name}: a body over 1 MiB is refused, and with a credential that is wrong in itself it is not even read`,
      run: async (lab) => {
        const body = Buffer.alloc(1024 * 1024 + 1, 32)
        const sent = remoteSenders[name]({ body })
        isRefusal(await postFrom(lab, name, sent), refused.tooLarge)
        isRefusal(await postFrom(lab, name, { headers: { 'content-type': 'application/json' }, body }), invalid)
      },
    }),
  )

const ages = under(
  { signature: { now: 1_700_000_000 } },
  timed.map(
    (name): AdapterCase => ({
      name: `${name}: is refused when it is too old, or ahead of its time`,
      run: async (lab) => {
        const most = { paypal: 259_200, sns: 3900, plaid: 300, 'google-pubsub': 3600 }[name]
        for (const [off, isIn] of [
          [-most - 1, false],
          [-most, true],
          [300, true],
          [301, false],
        ] as const) {
          const sent = remoteSenders[name]({ at: 1_700_000_000 + off })
          const answer = await postFrom(lab, name, sent)
          if (isIn) isVerified(answer, sent.body)
          else isRefusal(answer, invalid)
        }
      },
    }),
  ),
)

/** Senders whose keys are fetched. */
export const remoteSignatureCases: readonly AdapterCase[] = [...everySender, ...everySigner, ...tooLarge, ...ages]
