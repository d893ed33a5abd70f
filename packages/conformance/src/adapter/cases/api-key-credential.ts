import assert from 'node:assert/strict'
import { altered, isKeyRefusal, keyRefusals } from '../api-key-refusals.js'
import { call, runs } from '../call.js'
import { isReply } from '../expectations.js'
import type { AdapterCase, Lab } from '../lab.js'
import { exchange } from '../wire.js'

type Fields = Readonly<Record<string, string | readonly string[]>>

interface Row {
  readonly name: string
  readonly fields: (lab: Lab) => Fields
  readonly expected: keyof typeof keyRefusals | 'accepted'
}

/** Where a key is looked for, and what counts as one. */
const rows: readonly Row[] = [
  { name: 'Bearer', fields: ({ keys }) => ({ Authorization: `Bearer ${keys.alice}` }), expected: 'accepted' },
  { name: 'X-API-Key', fields: ({ keys }) => ({ 'X-API-Key': keys.alice }), expected: 'accepted' },
  {
    name: 'the scheme in lower case',
    fields: ({ keys }) => ({ Authorization: `bearer ${keys.alice}` }),
    expected: 'accepted',
  },
  {
    name: 'the scheme in upper case',
    fields: ({ keys }) => ({ Authorization: `BEARER ${keys.alice}` }),
    expected: 'accepted',
  },
  {
    name: 'Basic beside X-API-Key',
    fields: ({ keys }) => ({ Authorization: 'Basic YTpi', 'X-API-Key': keys.alice }),
    expected: 'accepted',
  },
  {
    name: 'a foreign token beside X-API-Key',
    fields: ({ keys }) => ({ Authorization: 'Bearer e30.e30.c2ln', 'X-API-Key': keys.alice }),
    expected: 'accepted',
  },
  { name: 'an empty X-API-Key beside Bearer', fields: emptyBeside, expected: 'accepted' },
  { name: 'an empty X-API-Key', fields: () => ({ 'X-API-Key': '' }), expected: 'missing' },
  { name: 'an empty Authorization', fields: () => ({ Authorization: '' }), expected: 'missing' },
  { name: 'Basic alone', fields: () => ({ Authorization: 'Basic YTpi' }), expected: 'missing' },
  {
    name: 'a good key under another scheme',
    fields: ({ keys }) => ({ Authorization: `Token ${keys.alice}` }),
    expected: 'missing',
  },
  { name: 'a good key with no scheme', fields: ({ keys }) => ({ Authorization: keys.alice }), expected: 'missing' },
  { name: 'a foreign token alone', fields: () => ({ Authorization: 'Bearer e30.e30.c2ln' }), expected: 'invalid' },
  { name: 'something else in X-API-Key', fields: () => ({ 'X-API-Key': 'not-one-of-ours' }), expected: 'invalid' },
  {
    name: 'a bad key of ours beside a good one',
    fields: ({ keys }) => ({ Authorization: `Bearer ${altered(keys.alice, -1)}`, 'X-API-Key': keys.alice }),
    expected: 'ambiguous',
  },
  {
    name: 'one key in two places',
    fields: ({ keys }) => ({ Authorization: `Bearer ${keys.alice}`, 'X-API-Key': keys.alice }),
    expected: 'ambiguous',
  },
  {
    name: 'Authorization twice',
    fields: ({ keys }) => ({ Authorization: [`Bearer ${keys.alice}`, `Bearer ${keys.bob}`] }),
    expected: 'ambiguous',
  },
  {
    name: 'Authorization twice, the same',
    fields: ({ keys }) => ({ Authorization: [`Bearer ${keys.alice}`, `Bearer ${keys.alice}`] }),
    expected: 'ambiguous',
  },
  {
    name: 'Authorization twice, one foreign',
    fields: ({ keys }) => ({ Authorization: ['Basic YTpi', `Bearer ${keys.alice}`] }),
    expected: 'ambiguous',
  },
  {
    name: 'X-API-Key twice, the second empty',
    fields: ({ keys }) => ({ 'X-API-Key': [keys.alice, ''] }),
    expected: 'ambiguous',
  },
  { name: 'X-API-Key twice, both empty', fields: () => ({ 'X-API-Key': ['', ''] }), expected: 'ambiguous' },
  {
    name: 'X-API-Key twice, the second a no-break space',
    fields: ({ keys }) => ({ 'X-API-Key': [keys.alice, '\u00a0'] }),
    expected: 'ambiguous',
  },
  {
    name: 'X-API-Key twice',
    fields: ({ keys }) => ({ 'X-API-Key': [keys.alice, keys.alice] }),
    expected: 'ambiguous',
  },
  {
    name: 'two keys in one line',
    fields: ({ keys }) => ({ Authorization: `Bearer ${keys.alice}, Bearer ${keys.bob}` }),
    expected: 'invalid',
  },
  { name: 'a key of 15 KiB', fields: () => ({ 'X-API-Key': `acme_live_${'a'.repeat(15_000)}` }), expected: 'invalid' },
  { name: 'a key of 257 bytes', fields: () => ({ 'X-API-Key': `acme_live_${'a'.repeat(247)}` }), expected: 'invalid' },
  {
    name: 'a key with a percent escape',
    fields: ({ keys }) => ({ 'X-API-Key': keys.alice.replace('_', '%5F') }),
    expected: 'invalid',
  },
  {
    name: 'a key in other case',
    fields: ({ keys }) => ({ 'X-API-Key': keys.alice.toUpperCase() }),
    expected: 'invalid',
  },
  { name: 'X_API_Key', fields: ({ keys }) => ({ X_API_Key: keys.alice }), expected: 'missing' },
  { name: '__proto__ as a key', fields: () => ({ 'X-API-Key': '__proto__' }), expected: 'invalid' },
]

function emptyBeside({ keys }: Lab): Fields {
  return { 'X-API-Key': '', Authorization: `Bearer ${keys.alice}` }
}

const perRow = rows.map(
  ({ name, fields, expected }): AdapterCase => ({
    name: `credentials: ${name} is ${expected}`,
    run: async (lab) => {
      const answer = await call(lab, 'GET /whoami', { headers: fields(lab) })
      if (expected === 'accepted') isReply(answer, 200)
      else isKeyRefusal(answer, keyRefusals[expected])
    },
  }),
)

/** White space between scheme and key, byte by byte: HTTP clients would tidy it up. */
const separators = { 'two spaces': '  ', 'a tab': '\t', 'a no-break space': '\u00a0', 'no space': '' }

const perSeparator = Object.entries(separators).map(
  ([name, separator]): AdapterCase => ({
    name: `credentials: ${name} between scheme and key lets nobody in`,
    run: async (lab) => {
      const line = `Authorization: Bearer${separator}${lab.keys.alice}`
      const answer = await exchange(lab, ['GET /whoami HTTP/1.1', 'Host: lab', line])
      assert.equal(answer.status, 401)
    },
  }),
)

/** Paths that mean `/whoami` to somebody: none of them gets past the guard. */
const aliases = [
  ...['//whoami', '/WHOAMI', '/whoami/', '/%77hoami', '/whoami%2F', '/whoami;x', '/./whoami', '/x/../whoami'],
  ...[
    '/whoami?',
    '/whoami#x',
    '/whoami%00',
    '/Whoami//',
    'http://lab/whoami',
    'http://lab//whoami',
    '/whoami/.',
    '\\whoami',
  ],
]

const perAlias = aliases.map(
  (path): AdapterCase => ({
    name: `mounting: nobody reaches the handler unasked by way of ${path}`,
    run: async (lab) => {
      const { status } = await exchange(lab, [`GET ${path} HTTP/1.1`, 'Host: lab'])
      assert.ok([400, 401, 404].includes(status), String(status))
    },
  }),
)

const chargeAliases = [
  ...[
    '/idem//charge',
    '//idem/charge',
    '/IDEM/charge',
    '/Idem/Charge',
    '/idem/charge/',
    '/idem/%63harge',
    '/idem/./charge',
  ],
  ...[
    '/a//pay',
    '/A/pay',
    '/a/PAY',
    '/a/pay/',
    '/a/%70ay',
    '/./a/pay',
    '/b/../a/pay',
    'http://lab/a/pay',
    '/optional/charge/',
  ],
]

const chargesUnasked: AdapterCase = {
  name: 'mounting: nobody charges unasked by any spelling of the path',
  run: async (lab) => {
    for (const path of chargeAliases) {
      const head = [`POST ${path} HTTP/1.1`, 'Host: lab', 'Idempotency-Key: k', 'Content-Length: 2']
      const { status } = await exchange(lab, head, '{}')
      assert.ok([400, 401, 404].includes(status), `${path}: ${status}`)
    }
    assert.equal(await runs(lab), 0)
  },
}

export const credentialCases: readonly AdapterCase[] = [...perRow, ...perSeparator, ...perAlias, chargesUnasked]
