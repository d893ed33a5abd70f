import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type Answer, call, freshKey, jsonOf, runs } from '../call.js'
import { isRefusal, isReplayOf, isReply, refused } from '../expectations.js'
import { type AdapterCase, type Lab, under } from '../lab.js'
import { exchange, wire } from '../wire.js'

const charge = 'POST /idem/charge'
const octets = Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index))
const multipart = [
  '--cut\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n',
  '--cut\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\n\r\n',
]

interface Row {
  readonly type?: string
  readonly body: string | Uint8Array
  readonly received: unknown
}

/** What the parser behind the guard reads: the very bytes, and what they mean to it. */
const bodies: Readonly<Record<string, Row>> = {
  JSON: { type: 'application/json', body: '{"a":[1,"\u00e9"]}', received: { a: [1, 'é'] } },
  'JSON with odd white space': { type: 'application/json', body: ' {\n"a":1}\n', received: { a: 1 } },
  'JSON behind a byte order mark': { type: 'application/json', body: '\ufeff{"a":1}', received: { a: 1 } },
  'JSON of 900 KiB': {
    type: 'application/json',
    body: JSON.stringify({ a: 'x'.repeat(900 * 1024) }),
    received: { a: 'x'.repeat(900 * 1024) },
  },
  text: { type: 'text/plain', body: 'h\u00e9llo', received: 'héllo' },
  'a form': { type: 'application/x-www-form-urlencoded', body: 'a=1&b=2', received: null },
  'binary bytes': { type: 'application/octet-stream', body: octets, received: null },
  'bytes of no type': { body: octets, received: null },
  'bytes that are not UTF-8 in text': { type: 'text/plain', body: Buffer.from([104, 0xff, 105]), received: 'h\ufffdi' },
  multipart: {
    type: 'multipart/form-data; boundary=cut',
    body: Buffer.concat([Buffer.from(multipart.join('')), octets, Buffer.from('\r\n--cut--\r\n')]),
    received: null,
  },
  'nothing, with a type': { type: 'application/json', body: '', received: null },
  'nothing, without a type': { body: '', received: null },
}

function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function isRead(answer: Answer, { body, received }: Row): void {
  isReply(answer, 201)
  const { sha256: hash, received: found } = jsonOf(answer)
  assert.equal(hash, sha256(body))
  assert.deepEqual(found, received)
}

function headFor(lab: Lab, key: string, { type }: Row): string[] {
  const head = [`${charge} HTTP/1.1`, 'Host: lab', `Authorization: Bearer ${lab.keys.alice}`, `Idempotency-Key: ${key}`]
  return type === undefined ? head : [...head, `Content-Type: ${type}`]
}

const perBody = Object.entries(bodies).map(
  ([name, row]): AdapterCase => ({
    name: `bodies: the handler reads ${name} as it was sent, whole, in chunks and byte by byte`,
    run: async (lab) => {
      const { body, type } = row
      const whole = await call(lab, charge, { as: 'alice', key: freshKey(), body, ...(type !== undefined && { type }) })
      isRead(whole, row)
      const bytes = Buffer.from(body)
      const size = bytes.length > 1000 ? 60_000 : 1
      isRead(await inChunks(lab, row, bytes, size), row)
      isRead(await unprotected(lab, row), row)
    },
  }),
)

async function inChunks(lab: Lab, row: Row, bytes: Buffer, size: number): Promise<Answer> {
  const bare = await wire(lab)
  await bare.send(`${[...headFor(lab, freshKey(), row), 'Transfer-Encoding: chunked'].join('\r\n')}\r\n\r\n`)
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size)
    await bare.send(Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]))
  }
  await bare.send('0\r\n\r\n')
  const answer = await bare.answer()
  bare.destroy()
  return answer
}

/** The same body on an optional route without a key: the guard has no business with it. */
function unprotected(lab: Lab, { body, type }: Row): Promise<Answer> {
  return call(lab, 'POST /optional/charge', { as: 'alice', body, ...(type !== undefined && { type }) })
}

const mebibyte = 1024 * 1024

export const bodyCases: readonly AdapterCase[] = [
  ...perBody,
  {
    name: "bodies: the parser's own refusal is the reply, and is replayed",
    run: async (lab) => {
      const request = { as: 'alice', key: freshKey(), type: 'application/json', body: '{"a":' } as const
      const first = await call(lab, charge, request)
      isReply(first, 400)
      isReplayOf(first, await call(lab, charge, request))
      assert.equal(await runs(lab), 0)
    },
  },
  {
    name: 'bodies: over 1 MiB is refused before the handler, and the key is free',
    run: async (lab) => {
      const key = freshKey()
      const body = Buffer.alloc(mebibyte + 1)
      isRefusal(await call(lab, charge, { as: 'alice', key, body }), refused.tooLarge)
      const row = { body, received: null }
      isRefusal(await inChunks(lab, row, body, 60_000), refused.tooLarge)
      assert.equal(await runs(lab), 0)
      isReply(await call(lab, charge, { as: 'alice', key, json: {} }), 201)
    },
  },
  {
    name: 'bodies: of exactly 1 MiB are read',
    run: async (lab) => {
      const body = Buffer.alloc(mebibyte, 7)
      isRead(await call(lab, charge, { as: 'alice', key: freshKey(), body }), { body, received: null })
    },
  },
  {
    name: 'bodies: a declared length over the limit is refused without waiting for the bytes',
    run: async (lab) => {
      const head = [...headFor(lab, freshKey(), { body: '', received: null }), 'Content-Length: 100000000']
      isRefusal(await exchange(lab, head), refused.tooLarge)
    },
  },
  ...under({ idempotency: { bodyTimeoutSeconds: 0.2 } }, [
    {
      name: 'bodies: slower than the limit is refused, nothing is claimed, and the key is free',
      run: async (lab) => {
        const key = freshKey()
        const head = [
          ...headFor(lab, key, { type: 'application/json', body: '', received: null }),
          'Content-Length: 20',
        ]
        isRefusal(await exchange(lab, head, '{"a":'), refused.timeout)
        assert.equal(await runs(lab), 0)
        isReply(await call(lab, charge, { as: 'alice', key, json: {} }), 201)
      },
    },
  ]),
  {
    name: 'bodies: an upload that breaks off claims nothing',
    run: async (lab) => {
      const key = freshKey()
      const bare = await wire(lab)
      const head = [...headFor(lab, key, { type: 'application/json', body: '', received: null }), 'Content-Length: 20']
      await bare.send(`${head.join('\r\n')}\r\n\r\n{"a":`)
      await call(lab, 'GET /health')
      bare.destroy()
      isReply(await call(lab, charge, { as: 'alice', key, json: {} }), 201)
      assert.equal(await runs(lab), 1)
    },
  },
  {
    name: 'bodies: after a refusal that left the body unread the connection goes on',
    run: async (lab) => {
      const bare = await wire(lab)
      const body = 'x'.repeat(10_000)
      const head = [`${charge} HTTP/1.1`, 'Host: lab', `Content-Length: ${body.length}`]
      await bare.send(`${head.join('\r\n')}\r\n\r\n${body}GET /health HTTP/1.1\r\nHost: lab\r\n\r\n`)
      assert.equal((await bare.answer()).status, 401)
      assert.deepEqual(jsonOf(await bare.answer()), { ok: true })
      bare.destroy()
    },
  },
  {
    name: 'bodies: replies follow one another on one connection',
    run: async (lab) => {
      const bare = await wire(lab)
      const row = { type: 'application/json', body: '', received: null }
      const request = `${[...headFor(lab, freshKey(), row), 'Content-Length: 2'].join('\r\n')}\r\n\r\n{}`
      await bare.send(request)
      const first = await bare.answer()
      isReply(first, 201)
      for (let times = 0; times < 3; times++) {
        await bare.send(request)
        isReplayOf(first, await bare.answer())
      }
      bare.destroy()
      assert.equal(await runs(lab), 1)
    },
  },
]
