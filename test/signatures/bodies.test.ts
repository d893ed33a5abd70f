import { createHash } from 'node:crypto'
import { Agent, request, type Server } from 'node:http'
import { gzipSync } from 'node:zlib'
import { type Guard, signature, signaturePresets } from '@latchkey/core'
import { httpSignature, signingKey, signRequest, verificationKey } from '@latchkey/http-signatures'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hookHosts, listening } from './hook-hosts.js'
import { boundPreset, presetNames, type SignedDelivery, signedDelivery } from './presets.js'

const json = Buffer.from(`{"id":"evt_1","webhookTimestamp":${Date.now()},"text":"😀 ünïcode","a":[1,2]}`)
const octets = Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index))

/** How a body is sent. */
interface Kind {
  readonly type?: string
  readonly body: Buffer
  /** The wire's bytes, where they are others than the body's; they are what is signed. */
  readonly encoding?: 'gzip'
  /** Sent in chunks of one byte. */
  readonly isChunked?: true
}

const kinds: Readonly<Record<string, Kind>> = {
  JSON: { type: 'application/json', body: json },
  'JSON of no type': { body: json },
  'JSON behind a byte order mark': { type: 'application/json', body: Buffer.concat([Buffer.from('\ufeff'), json]) },
  'JSON in chunks of one byte': { type: 'application/json', body: json, isChunked: true },
  'JSON in gzip': { type: 'application/json', body: gzipSync(json), encoding: 'gzip' },
  text: { type: 'text/plain; charset=utf-8', body: Buffer.from('héllo\r\n') },
  'a form': { type: 'application/x-www-form-urlencoded', body: Buffer.from('b=2&a=1&a=1&Body=a+b%26%C3%A9') },
  'every byte there is': { type: 'application/octet-stream', body: octets },
  'bytes that are no UTF-8, as text': { type: 'text/plain', body: Buffer.from([104, 0xff, 0xfe, 105]) },
  nothing: { type: 'application/json', body: Buffer.alloc(0) },
}

const secret = 'a secret of the tests'
const key = { algorithm: 'hmac-sha256', key: secret } as const
const components = ['@method', '@target-uri', 'content-digest']

const hooks: Record<string, Guard<unknown>> = {
  ...Object.fromEntries(
    presetNames.map((name) => [
      name,
      // The hosts are called directly, so the URL that a sender was given is the one that it uses.
      signature({ scheme: boundPreset(name), replay: false, publicUrl: ({ url }) => url }),
    ]),
  ),
  rfc9421: httpSignature({
    keys: verificationKey(key),
    policy: { required: components, maxAgeSeconds: 60, algorithms: ['hmac-sha256'] },
    replay: false,
  }),
}

async function delivery(name: string, url: string, { body }: Kind): Promise<SignedDelivery> {
  if (name !== 'rfc9421') return signedDelivery(name, { url, body })
  const signed = await signRequest(new Request(url, { method: 'POST', body: new Uint8Array(body) }), {
    key: signingKey(key),
    components,
  })
  const headers = Object.fromEntries([...signed.headers].filter(([field]) => field !== 'content-type'))
  return { headers, body, url }
}

/** Whether a scheme reads its time or its credential in the body, so that only JSON can be its message. */
function needsJson(name: string): boolean {
  const { envelope, carriers = [] } = signaturePresets[name]?.scheme ?? {}
  return envelope !== undefined || carriers.some(({ timestamp }) => timestamp !== undefined && 'body' in timestamp)
}

/** Whether a scheme signs nothing, so that its guard leaves the body unread. */
function isShown(name: string): boolean {
  return signaturePresets[name]?.scheme.content.length === 0
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 })
afterAll(() => agent.destroy())

function post({ headers, body, url }: SignedDelivery, { type, encoding, isChunked }: Kind) {
  const fields = {
    ...headers,
    ...(type !== undefined && { 'content-type': type }),
    ...(encoding !== undefined && { 'content-encoding': encoding }),
  }
  return new Promise<{ status: number; answer: Record<string, unknown> }>((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers: fields }, (response) => {
      response.toArray().then((pieces) => {
        resolve({ status: response.statusCode!, answer: JSON.parse(Buffer.concat(pieces).toString()) })
      }, reject)
    })
    sent.on('error', reject)
    if (!isChunked) return void sent.end(body)
    for (const byte of body) sent.write(Buffer.of(byte))
    sent.end()
  })
}

describe.each(Object.entries(hookHosts))('%s', (_, host) => {
  let server: Server
  let base: string
  beforeAll(async () => {
    server = host(hooks)
    base = await listening(server)
  })
  afterAll(() => void server.close().closeAllConnections())

  const sendJson = async (way: string, name: string) => {
    const made = await delivery(name, `${base}/${way}/${name}`, kinds.JSON!)
    return { sent: made.body, ...(await post(made, kinds.JSON!)) }
  }

  test.each(Object.keys(hooks))('%s: the handler reads what was signed, whatever it is', async (name) => {
    const url = `${base}/bytes/${name}`
    const isRefused = (kind: string) => needsJson(name) && (!kind.startsWith('JSON') || kind === 'JSON in gzip')
    const verdicts = Object.entries(kinds).map(async ([kind, sending]) => {
      // There is nowhere in it to put a signature that stands in the body.
      const isUnsigned = isRefused(kind) && signaturePresets[name]?.scheme.envelope !== undefined
      const made = isUnsigned ? { headers: {}, body: sending.body, url } : await delivery(name, url, sending)
      const { status, answer } = await post(made, sending)
      return [kind, status, answer.code ?? answer.sha256 === createHash('sha256').update(made.body).digest('hex')]
    })
    const expected = Object.keys(kinds).map((kind) =>
      isRefused(kind) ? [kind, 401, 'signature-invalid'] : [kind, 200, true],
    )
    expect(await Promise.all(verdicts)).toEqual(expected)
  })

  test.each(Object.keys(hooks).filter((name) => !isShown(name) && !needsJson(name)))(
    '%s: what was signed in gzip is refused once it is inflated',
    async (name) => {
      const { headers, url } = await delivery(name, `${base}/bytes/${name}`, kinds['JSON in gzip']!)
      const { status, answer } = await post({ headers, url, body: json }, kinds.JSON!)
      expect([status, answer.code]).toEqual([401, 'signature-invalid'])
    },
  )

  test.each(Object.keys(hooks))('%s: a JSON parser behind the guard reads the message', async (name) => {
    const { sent, status, answer } = await sendJson('json', name)
    expect([status, answer]).toEqual([200, JSON.parse(sent.toString())])
  })

  test.each(Object.keys(hooks).filter((name) => !isShown(name)))(
    '%s: a JSON parser before the guard is an error that names the fix',
    async (name) => {
      const { status, answer } = await sendJson('early', name)
      expect([status, answer.code]).toEqual([500, 'body-already-read'])
      expect(answer.message).toMatch(/mount the guard before/)
    },
  )
})
