import assert from 'node:assert/strict'
import { type Call, call, freshKey, inject, runs } from '../call.js'
import { isRefusal, isReplayOf, isReply, refused } from '../expectations.js'
import { type AdapterCase, type Lab, under } from '../lab.js'
import { exchange } from '../wire.js'

const charge = 'POST /idem/charge'

/** Fields that are no key: byte by byte what stands after the colon. */
const broken: Readonly<Record<string, string>> = {
  empty: '',
  blank: '   ',
  'quoted and empty': '""',
  '256 bytes': 'k'.repeat(256),
  '256 bytes in quotes': `"${'k'.repeat(256)}"`,
  '12 KiB': 'k'.repeat(12_000),
  'an open quote': '"abc',
  'a lone quote': '"',
  'a quote inside': 'a"b',
  'a closing quote only': 'abc"',
  'text after the quotes': '"a"b',
  'parameters after the quotes': '"a";v=1',
  'an unknown escape': '"a\\x"',
  'an escape at the end': '"a\\"',
  'a comma': 'a,b',
  'a list': '"a", "b"',
  'a space inside': 'a b',
  'a tab inside': 'a\tb',
  'a tab in quotes': '"a\tb"',
  'a letter outside ASCII': 'kéy',
  'a letter outside ASCII, quoted': '"kéy"',
  'a zero-width space': 'a\u200bb',
  'a no-break space': '\u00a0',
}

/** One key, spelled in two ways. */
const spellings: readonly (readonly [string, string])[] = [
  ['one', '"one"'],
  ['"two"', 'two'],
  ['back\\slash', '"back\\\\slash"'],
  ['%41', '"%41"'],
  ['__proto__', '"__proto__"'],
  ["'OR'1'=1--", "\"'OR'1'=1--\""],
]

/** Keys that look alike and are not. */
const distinct = ['k', 'K', '%6b', "k'", 'k;', '"k "', '" k"', 'constructor', '__proto__', 'k%00', '*', 'k*', '"a\\"b"']

function send(lab: Lab, path: string, lines: readonly string[]) {
  const head = [`POST ${path} HTTP/1.1`, 'Host: lab', `Authorization: Bearer ${lab.keys.alice}`, ...lines]
  return exchange(lab, [...head, 'Content-Type: application/json', 'Content-Length: 2'], '{}')
}

const perBroken = Object.entries(broken).map(
  ([name, value]): AdapterCase => ({
    name: `keys: ${name} is no key, and never means unprotected`,
    run: async (lab) => {
      for (const path of ['/idem/charge', '/optional/charge', '/everyone/charge']) {
        isRefusal(await send(lab, path, [`Idempotency-Key: ${value}`]), refused.keyInvalid)
      }
      assert.equal(await runs(lab), 0)
    },
  }),
)

/** A UUIDv7 of the given age. */
function uuidV7(ageSeconds: number): string {
  const time = (Date.now() - ageSeconds * 1000).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${freshKey().slice(15)}`
}

export const idempotencyKeyCases: readonly AdapterCase[] = [
  ...perBroken,
  {
    name: 'keys: two fields are no key, not even when they agree',
    run: async (lab) => {
      for (const path of ['/idem/charge', '/optional/charge']) {
        isRefusal(await send(lab, path, ['Idempotency-Key: k', 'Idempotency-Key: k']), refused.keyInvalid)
        isRefusal(await send(lab, path, ['Idempotency-Key: k', 'idempotency-key:']), refused.keyInvalid)
      }
      assert.equal(await runs(lab), 0)
    },
  },
  {
    name: 'keys: quoted and bare are one key',
    run: async (lab) => {
      const tag = freshKey()
      for (const [one, other] of spellings) {
        const tagged = (key: string) => (key.startsWith('"') ? key.replace('"', `"${tag}`) : tag + key)
        const first = await call(lab, charge, { as: 'alice', key: tagged(one), json: {} })
        isReply(first, 201)
        isReplayOf(first, await call(lab, charge, { as: 'alice', key: tagged(other), json: {} }))
      }
    },
  },
  {
    name: 'keys: of 255 bytes are keys, quoted or bare, and so is the shortest',
    run: async (lab) => {
      const long = freshKey() + 'k'.repeat(219)
      const first = await call(lab, charge, { as: 'alice', key: long, json: {} })
      isReply(first, 201)
      isReplayOf(first, await call(lab, charge, { as: 'alice', key: `"${long}"`, json: {} }))
      isReply(await call(lab, charge, { as: 'bob', key: '~', json: {} }), 201)
    },
  },
  {
    name: 'keys: nothing is trimmed, decoded, folded or normalised',
    run: async (lab) => {
      const tag = freshKey()
      for (const key of distinct) {
        const tagged = key.startsWith('"') ? key.replace('"', `"${tag}`) : tag + key
        isReply(await call(lab, charge, { as: 'alice', key: tagged, json: {} }), 201)
      }
      assert.equal(await runs(lab), distinct.length)
    },
  },
  {
    name: 'keys: none where one is required is refused, with a link to why',
    run: async (lab) => {
      for (const path of ['/idem/charge', '/everyone/charge', '/a/pay', '/gzip/charge']) {
        isRefusal(await send(lab, path, []), refused.keyMissing)
      }
      isRefusal(await call(lab, 'PATCH /idem/charge', { as: 'alice', json: {} }), refused.keyMissing)
      assert.equal(await runs(lab), 0)
    },
  },
  {
    name: 'keys: where they are optional a request without one runs each time, one with runs once',
    run: async (lab) => {
      for (const key of [undefined, undefined, 'optional-k', 'optional-k']) {
        const request: Call = { as: 'alice', json: {}, ...(key !== undefined && { key: key + lab.url }) }
        assert.equal((await call(lab, 'POST /optional/charge', request)).status, 201)
      }
      assert.equal(await runs(lab), 3)
    },
  },
  {
    name: 'keys: on GET the field is ignored, whatever it is, and the store is not asked',
    run: async (lab) => {
      await inject(lab, { claim: 'fail' })
      for (const key of ['get-k', 'get-k', '"open', ''])
        isReply(await call(lab, 'GET /idem/charge', { as: 'alice', key }), 201)
      await inject(lab, { claim: 'ok' })
      assert.equal(await runs(lab), 4)
    },
  },
  {
    name: 'keys: on OPTIONS the field is ignored too',
    run: async (lab) => {
      const answer = await call(lab, 'OPTIONS /idem/charge', { as: 'alice', key: '"open' })
      assert.ok(answer.status !== 400 && answer.status < 500, String(answer.status))
      assert.equal(await runs(lab), 0)
    },
  },
  {
    name: 'keys: shared by everyone where that is typed out',
    run: async (lab) => {
      const key = freshKey()
      const first = await call(lab, 'POST /everyone/charge', { key, json: {} })
      isReply(first, 201)
      isReplayOf(first, await call(lab, 'POST /everyone/charge', { key, json: {} }))
      assert.equal(await runs(lab), 1)
    },
  },
  ...under({ idempotency: { strictSyntax: true } }, [
    {
      name: 'keys: under strict syntax only the quoted form is a key',
      run: async (lab) => {
        const key = freshKey()
        isRefusal(await call(lab, charge, { as: 'alice', key, json: {} }), refused.keyInvalid)
        isReply(await call(lab, charge, { as: 'alice', key: `"${key}"`, json: {} }), 201)
      },
    },
  ]),
  ...under({ idempotency: { maxKeyAgeSeconds: 60 } }, [
    {
      name: 'keys: a key that is provably too old is refused, others are not',
      run: async (lab) => {
        isRefusal(await call(lab, charge, { as: 'alice', key: uuidV7(3600), json: {} }), refused.keyExpired)
        isReply(await call(lab, charge, { as: 'alice', key: uuidV7(5), json: {} }), 201)
        isReply(await call(lab, charge, { as: 'alice', key: freshKey(), json: {} }), 201)
      },
    },
  ]),
]
