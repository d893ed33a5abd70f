import assert from 'node:assert/strict'
import { type Answer, type Call, call, freshKey, runs } from '../call.js'
import { isRefusal, isReplayOf, isReply, refused } from '../expectations.js'
import { type AdapterCase, type Lab, under } from '../lab.js'

const nested = (depth: number, space: string) => `${'['.repeat(depth)}${space}${']'.repeat(depth)}`
const bom = '\ufeff'

/** Two JSON bodies: whether they are one request. */
const json: ReadonlyArray<readonly [name: string, one: string, other: string, same: boolean]> = [
  ['member order', '{"a":1,"b":{"c":2,"d":3}}', '{"b":{"d":3,"c":2},"a":1}', true],
  ['white space', '{"a":[1,2]}', ' {\n\t"a" : [ 1 , 2 ]\r\n} ', true],
  ['white space at the 64th level', nested(64, ''), nested(64, ' '), true],
  ['the order of a list', '[1,2]', '[2,1]', false],
  ['large neighbours', '{"a":9007199254740992}', '{"a":9007199254740993}', false],
  ['a number and its text', '{"a":1}', '{"a":"1"}', false],
  ['1 and 1.0', '{"a":1}', '{"a":1.0}', false],
  ['100 and 1e2', '{"a":100}', '{"a":1e2}', false],
  ['0 and -0', '{"a":0}', '{"a":-0}', false],
  ['a character and its escape', '{"a":"A"}', '{"a":"\\u0041"}', false],
  ['a composed and a decomposed letter', '{"a":"\u00e9"}', '{"a":"e\u0301"}', false],
  ['two lone surrogates', '{"a":"\\ud800"}', '{"a":"\\ud801"}', false],
  ['null and nothing', '{"a":null}', '{}', false],
  ['what stands under __proto__', '{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}', false],
  ['the order of duplicate names', '{"a":1,"a":2}', '{"a":2,"a":1}', false],
  ['white space beside duplicate names', '{"a":1,"a":2}', '{"a":1, "a":2}', false],
  ['white space at the 65th level', nested(65, ''), nested(65, ' '), false],
  ['a byte order mark', '{"a":1}', `${bom}{"a":1}`, false],
  ['junk and other junk', '{"a":', '{"b":', false],
  ['a member of the prototype', '{"constructor":1}', '{"toString":1}', false],
]

async function sameRequest(lab: Lab, one: Call & { line?: string }, other: Call & { line?: string }): Promise<boolean> {
  const key = freshKey()
  const post = ({ line = 'POST /idem/charge', ...rest }: Call & { line?: string }) =>
    call(lab, line, { as: 'alice', key, ...rest })
  const first = await post(one)
  const second = await post(other)
  if (second.status !== 422 || !second.body.includes('key-reused')) {
    isReplayOf(first, second)
    return true
  }
  isRefusal(second, refused.keyReused)
  isReplayOf(first, await post(one))
  return false
}

const perJson = json.map(
  ([name, one, other, same]): AdapterCase => ({
    name: `fingerprint: ${name} ${same ? 'does not matter' : 'matters'}`,
    run: async (lab) => {
      for (const type of ['application/json', 'application/vnd.api+json; charset=utf-8']) {
        assert.equal(await sameRequest(lab, { type, body: one }, { type, body: other }), same)
      }
    },
  }),
)

const form = (boundary: string, fields: readonly string[]) => ({
  type: `multipart/form-data; boundary=${boundary}`,
  body: `${fields.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`,
})
const file = (name: string, bytes: string, type = 'text/plain') =>
  `Content-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n${bytes}`
const value = (text: string) => `Content-Disposition: form-data; name="amount"\r\n\r\n${text}`

const body = '{"amount":5}'
const plain: Call & { line?: string } = { type: 'application/json', body }

/** Two requests: whether they are one. */
const requests: ReadonlyArray<
  readonly [name: string, one: Call & { line?: string }, other: Call & { line?: string }, same: boolean]
> = [
  ['another body', plain, { ...plain, body: '{"amount":6}' }, false],
  ['another path', plain, { ...plain, line: 'POST /idem/refund' }, false],
  ['another method', plain, { ...plain, line: 'PATCH /idem/charge' }, false],
  ['another router', { ...plain, line: 'POST /a/pay' }, { ...plain, line: 'POST /b/pay' }, false],
  ['a query', plain, { ...plain, line: 'POST /idem/charge?x=1' }, false],
  [
    'the order of the query',
    { ...plain, line: 'POST /idem/charge?x=1&y=2' },
    { ...plain, line: 'POST /idem/charge?y=2&x=1' },
    false,
  ],
  ['another content type', plain, { ...plain, type: 'text/plain' }, false],
  ['a parameter of the content type', plain, { ...plain, type: 'application/json; charset=utf-8' }, true],
  ['the case of the content type', plain, { ...plain, type: 'Application/JSON' }, true],
  ['a field that nobody named', plain, { ...plain, headers: { 'X-Trace': '1' } }, true],
  ['white space in text', { type: 'text/plain', body: 'a b' }, { type: 'text/plain', body: 'a  b' }, false],
  ['one byte of many', { body: Buffer.alloc(500_000) }, { body: Buffer.alloc(500_000).fill(1, 499_999) }, false],
  ['nothing and an empty object', { type: 'application/json' }, { type: 'application/json', body: '{}' }, false],
  [
    'the order of a form',
    { type: 'application/x-www-form-urlencoded', body: 'a=1&b=2' },
    { type: 'application/x-www-form-urlencoded', body: 'b=2&a=1' },
    false,
  ],
  [
    'the boundary of a multipart body',
    form('one', [value('5'), file('a.txt', 'x')]),
    form('two', [value('5'), file('a.txt', 'x')]),
    true,
  ],
  ['a byte in a file', form('one', [file('a.txt', 'x')]), form('two', [file('a.txt', 'y')]), false],
  ['the name of a file', form('one', [file('a.txt', 'x')]), form('two', [file('b.txt', 'x')]), false],
  ['the type of a file', form('one', [file('a.txt', 'x')]), form('two', [file('a.txt', 'x', 'text/html')]), false],
  ['a value of a multipart body', form('one', [value('5')]), form('two', [value('6')]), false],
  ['a content coding', plain, { ...plain, headers: { 'Content-Encoding': 'identity' } }, false],
]

const perRequest = requests.map(
  ([name, one, other, same]): AdapterCase => ({
    name: `fingerprint: ${name} ${same ? 'does not matter' : 'matters'}`,
    run: async (lab) => {
      assert.equal(await sameRequest(lab, one, other), same)
      assert.equal(await runs(lab), 1)
    },
  }),
)

export const fingerprintCases: readonly AdapterCase[] = [
  ...perJson,
  ...perRequest,
  {
    name: 'one key of two callers is two keys, and neither sees the reply of the other',
    run: async (lab) => {
      const key = freshKey()
      const ask = (as: 'alice' | 'bob' | 'reader') => call(lab, 'POST /idem/charge', { as, key, json: { amount: 5 } })
      const first: Answer = await ask('alice')
      const other: Answer = await ask('bob')
      isReply(first, 201)
      isReply(other, 201)
      assert.ok(first.body.includes('"owner":"alice"') && other.body.includes('"owner":"bob"'))
      isReplayOf(first, await ask('alice'))
      isReplayOf(other, await ask('bob'))
      // Two keys of one owner are one caller.
      isReplayOf(first, await ask('reader'))
      assert.equal(await runs(lab), 2)
    },
  },
  {
    name: 'a caller and everyone do not share keys',
    run: async (lab) => {
      const key = freshKey()
      isReply(await call(lab, 'POST /everyone/charge', { key, json: {} }), 201)
      isReply(await call(lab, 'POST /idem/charge', { as: 'alice', key, json: {} }), 201)
      assert.equal(await runs(lab), 2)
    },
  },
  ...under({ idempotency: { fingerprint: 'raw' } }, [
    {
      name: 'fingerprint: over raw bytes white space matters in JSON too',
      run: async (lab) => {
        assert.equal(await sameRequest(lab, plain, { ...plain, body: '{ "amount":5}' }), false)
      },
    },
  ]),
  ...under({ idempotency: { fingerprintHeaders: ['x-account'] } }, [
    {
      name: 'fingerprint: a field that is named matters',
      run: async (lab) => {
        const account = (name: string) => ({ ...plain, headers: { 'X-Account': name } })
        assert.equal(await sameRequest(lab, account('1'), account('2')), false)
        assert.equal(await sameRequest(lab, account('1'), account('1')), true)
      },
    },
  ]),
]
