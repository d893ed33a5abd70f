import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { type Answer, call, inject } from '../call.js'
import { deliver, type Fields, invalid, isVerified, message, replayed, unavailable } from '../deliveries.js'
import { isRefusal, refused } from '../expectations.js'
import { type AdapterCase, type Lab, under } from '../lab.js'
import { now } from '../senders.js'
import { wire } from '../wire.js'

interface Signing {
  /** Epoch seconds. @defaultValue now */
  readonly created?: number
  readonly secret?: string
  readonly label?: string
  /** The covered components, in place of the method, the path and the digest. */
  readonly components?: readonly (readonly [identifier: string, value: string])[]
  readonly digest?: string
  /** Further parameters, as they are written. */
  readonly parameters?: string
}

const path = '/hooks/rfc9421'

/** A signed message, written from RFC 9421 and RFC 9530, with nothing of Latchkey in it. */
function sign(body: Uint8Array, signing: Signing = {}): { readonly [name: string]: string } {
  const { created = now(), secret = 'lab-secret-rfc9421', label = 'sig1', parameters = '' } = signing
  const digest = signing.digest ?? `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
  const { components = [covered.method, covered.path, ['"content-digest"', digest]] } = signing
  const params = `(${components.map(([name]) => name).join(' ')});created=${created}${parameters}`
  const lines = [...components.map(([name, value]) => `${name}: ${value}`), `"@signature-params": ${params}`]
  const mac = createHmac('sha256', secret).update(lines.join('\n')).digest('base64')
  return { 'Content-Digest': digest, 'Signature-Input': `${label}=${params}`, Signature: `${label}=:${mac}:` }
}

const covered = { method: ['"@method"', 'POST'], path: ['"@path"', path] } as const

const bodies: Readonly<Record<string, Buffer>> = {
  JSON: Buffer.from('{"type":"payment.settled"}'),
  'every byte there is': Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index)),
  'JSON behind a byte order mark': Buffer.from('\ufeff{"a":1}'),
  nothing: Buffer.alloc(0),
  'as much as is allowed': Buffer.alloc(1024 * 1024, 7),
}

const octets = { 'Content-Type': 'application/octet-stream' }

async function inPieces(lab: Lab, headers: Fields, body: Uint8Array, size: number): Promise<Answer> {
  const bare = await wire(lab)
  const fields = Object.entries({ ...headers, ...octets }).map(([name, value]) => `${name}: ${value}`)
  await bare.send(
    `${[`POST ${path} HTTP/1.1`, 'Host: lab', ...fields, 'Transfer-Encoding: chunked'].join('\r\n')}\r\n\r\n`,
  )
  for (let at = 0; at < body.length; at += size) {
    const piece = body.subarray(at, at + size)
    await bare.send(Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]))
  }
  await bare.send('0\r\n\r\n')
  const answer = await bare.answer()
  bare.destroy()
  return answer
}

const deliverHere = (lab: Lab, headers: Fields, body: Uint8Array, query = '') =>
  deliver(lab, 'rfc9421', headers, body, query)

const bodyCases = Object.entries(bodies).map(
  ([name, body]): AdapterCase => ({
    name: `rfc9421: the handler reads ${name} as it was signed, whole and in pieces`,
    run: async (lab) => {
      isVerified(await call(lab, `POST ${path}`, { body, headers: { ...sign(body), ...octets } }), body)
      const headers = sign(body, { parameters: ';nonce="in-pieces"' })
      isVerified(await inPieces(lab, headers, body, body.length > 1000 ? 60_000 : 1), body)
    },
  }),
)

/** HTTP Message Signatures, with `@method` and `content-digest` required, by HMAC-SHA-256. */
export const httpSignatureCases: readonly AdapterCase[] = [
  ...bodyCases,
  {
    name: 'rfc9421: the digest is of the bytes on the wire, with the coding that they have',
    run: async (lab) => {
      const inner = message()
      const body = gzipSync(inner)
      const coded = { ...octets, 'Content-Encoding': 'gzip' }
      const ofInner = `sha-256=:${createHash('sha256').update(inner).digest('base64')}:`
      isRefusal(await deliverHere(lab, { ...sign(body, { digest: ofInner }), ...coded }, body), invalid)
      // Not every parser behind the guard inflates, so what the handler reads is not looked at.
      const answer = await deliverHere(lab, { ...sign(body), ...coded }, body)
      assert.notEqual(answer.status, 401)
    },
  },
  {
    name: 'rfc9421: what is wrong with a signature is refused alike, whatever it is',
    run: async (lab) => {
      const body = message()
      const good = sign(body)
      const { 'Content-Digest': digest = '', 'Signature-Input': input = '', Signature: value = '' } = good
      const digested = ['"content-digest"', digest] as const
      const attempts: Fields[] = [
        {},
        sign(Buffer.concat([body, Buffer.from(' ')])),
        sign(body, { secret: 'some other secret' }),
        sign(body, { created: now() - 400 }),
        sign(body, { created: now() + 400 }),
        sign(body, { created: Number.NaN }),
        sign(body, { parameters: `;expires=${now() - 5}` }),
        sign(body, { parameters: ';alg="ed25519"' }),
        sign(body, { components: [covered.method, covered.method, digested] }),
        sign(body, { components: [covered.method] }),
        sign(body, { components: [digested] }),
        sign(body, { components: [covered.method, digested, ['"x-absent"', '']] }),
        sign(body, { components: [covered.method, ['"content-digest";sf', digest]] }),
        sign(body, { components: [covered.method, digested, ['"@path"', '/hooks/other']] }),
        sign(body, { digest: `md5=:${createHash('md5').update(body).digest('base64')}:` }),
        { ...good, 'Signature-Input': [input, input] },
        { ...good, Signature: [value, value] },
        { ...good, Signature: `${value}0` },
        { ...good, Signature: value.replace('=:', '=') },
        { ...good, 'Signature-Input': '' },
      ]
      const answers = await Promise.all(attempts.map((headers) => deliverHere(lab, headers, body)))
      for (const answer of answers) isRefusal(answer, invalid)
      assert.equal(new Set(answers.map((answer) => answer.body.toString())).size, 1)
      isVerified(await deliverHere(lab, good, body), body)
    },
  },
  {
    name: 'rfc9421: lines of a field can be signed one by one, and are then not one line',
    run: async (lab) => {
      const body = message()
      const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
      const wrapped = ['one, two', 'three'].map((line) => `:${Buffer.from(line).toString('base64')}:`).join(', ')
      const components = [covered.method, ['"content-digest"', digest], ['"x-list";bs', wrapped]] as const
      const headers = sign(body, { components })
      isRefusal(await deliverHere(lab, { ...headers, 'X-List': 'one, two, three' }, body), invalid)
      isRefusal(await deliverHere(lab, { ...headers, 'X-List': ['one', 'two, three'] }, body), invalid)
      isVerified(await deliverHere(lab, { ...headers, 'X-List': ['one, two', 'three'] }, body), body)
    },
  },
  {
    name: 'rfc9421: of several signatures each has to be right',
    run: async (lab) => {
      const body = message()
      const [first, second] = [sign(body), sign(body, { label: 'sig2', parameters: ';tag="other"' })]
      const bad = sign(body, { label: 'sig2', secret: 'some other secret' })
      const both = (one: Fields, other: Fields): Fields => ({
        ...one,
        'Signature-Input': `${one['Signature-Input']}, ${other['Signature-Input']}`,
        Signature: `${one.Signature}, ${other.Signature}`,
      })
      isRefusal(await deliverHere(lab, both(first, bad), body), invalid)
      isRefusal(await deliverHere(lab, both(bad, first), body), invalid)
      isVerified(await deliverHere(lab, both(first, second), body), body)
      // Stripped of one of the two it is no other message.
      isRefusal(await deliverHere(lab, first, body), replayed)
      isRefusal(await deliverHere(lab, second, body), replayed)
    },
  },
  {
    name: 'rfc9421: a message that was handled is not handled again, under another label neither',
    run: async (lab) => {
      const body = message()
      const created = now()
      isVerified(await deliverHere(lab, sign(body, { created }), body), body)
      isRefusal(await deliverHere(lab, sign(body, { created }), body), replayed)
      isRefusal(await deliverHere(lab, sign(body, { created, label: 'renamed' }), body), replayed)
    },
  },
  {
    name: 'rfc9421: after a failed handler the message is let in again',
    run: async (lab) => {
      const body = message()
      const headers = sign(body)
      assert.equal((await deliverHere(lab, headers, body, '?status=500')).status, 500)
      isVerified(await deliverHere(lab, headers, body), body)
    },
  },
  {
    name: 'rfc9421: of 500 copies at once one is handled',
    run: async (lab) => {
      const body = message()
      const headers = sign(body)
      const copy = () => deliverHere(lab, headers, body, '?delayMs=20')
      const answers = await Promise.all(Array.from({ length: 500 }, copy))
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      for (const { status } of answers) assert.ok(status === 200 || status === 409, String(status))
    },
  },
  {
    name: 'rfc9421: a body over 1 MiB is refused, and without a good signature it is not even read',
    run: async (lab) => {
      const body = Buffer.alloc(1024 * 1024 + 1)
      isRefusal(await deliverHere(lab, sign(body), body), refused.tooLarge)
      isRefusal(await deliverHere(lab, sign(body, { secret: 'some other secret' }), body), invalid)
    },
  },
  {
    name: 'rfc9421: while replays cannot be told nothing is handled',
    run: async (lab) => {
      const body = message()
      const headers = sign(body)
      await inject(lab, { claim: 'fail' })
      isRefusal(await deliverHere(lab, headers, body), unavailable)
      await inject(lab, { claim: 'ok' })
      isVerified(await deliverHere(lab, headers, body), body)
    },
  },
  ...under({ signature: { now: 1_700_000_000 } }, [
    {
      name: 'rfc9421: the age is 300 seconds, and so is what clocks may be off, borders included',
      run: async (lab) => {
        for (const [off, isIn] of [
          [-301, false],
          [-300, true],
          [300, true],
          [301, false],
        ] as const) {
          const body = message()
          const answer = await deliverHere(lab, sign(body, { created: 1_700_000_000 + off }), body)
          if (isIn) isVerified(answer, body)
          else isRefusal(answer, invalid)
        }
      },
    },
  ]),
]
