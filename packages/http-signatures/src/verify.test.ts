import { describe, expect, test } from 'vitest'
import { contentDigest, verifyContentDigest } from './content-digest.js'
import { created, digest, joined, reasonOf, requestWith, signedBy } from './message.test.kit.js'

const good = signedBy()
const covering = (components: readonly string[], parameters?: string) =>
  requestWith(signedBy({ components, ...(parameters !== undefined && { parameters }) }))

test('a request that is signed as the policy says is valid', async () => {
  expect(await reasonOf(requestWith(good))).toBe('valid')
  expect(await reasonOf(covering(['"content-digest"', '"@method"', '"x-a"']))).toBe('valid')
})

describe('syntax', () => {
  const input = good['signature-input']
  test.each<[string, Record<string, string | string[]>]>([
    ['missing', {}],
    ['missing', { signature: good.signature }],
    ['missing', { 'signature-input': input }],
    ['missing', { ...good, signature: good.signature.replace('sig1', 'sig2') }],
    ['missing', { 'signature-input': '', signature: '' }],
    ['malformed', { ...good, 'signature-input': [input, input] }],
    ['malformed', { ...good, signature: [good.signature, good.signature] }],
    ['malformed', { ...good, signature: 'sig1="text"' }],
    ['malformed', { ...good, signature: 'sig1' }],
    ['malformed', { ...good, signature: 'sig1=(:AAAA:)' }],
    ['malformed', { ...good, signature: good.signature.replace('=:', ':') }],
    ['malformed', { ...good, 'signature-input': 'sig1=1' }],
    ['malformed', { ...good, 'signature-input': 'sig1=(method)' }],
    ['malformed', { ...good, 'signature-input': 'sig1=("X-A")' }],
    ['malformed', { ...good, 'signature-input': 'sig1=("@unknown")' }],
    ['malformed', { ...good, 'signature-input': 'sig1=("@signature-params")' }],
    ['malformed', { ...good, 'signature-input': `${input};created=${created}` }],
    ['malformed', { ...good, 'signature-input': `${input}.0` }],
    ['malformed', { ...good, 'signature-input': input.replace('created=', 'created=0') }],
    ['malformed', { ...good, 'signature-input': input.replace('created=', 'created=-') }],
    ['malformed', { ...good, 'signature-input': 'sig1=("@method" "content-digest");created="1"' }],
    ['malformed', { ...good, 'signature-input': 'sig1=("@method" "content-digest");created' }],
    ['malformed', { ...good, 'signature-input': 'sig1=("@method" "content-digest");keyid=token' }],
    ['malformed', { ...good, 'signature-input': `sig1=("@method" "content-digest");created=${'9'.repeat(12)}` }],
    ['malformed', { ...good, 'signature-input': `sig1=("@method" "content-digest");tag="${'x'.repeat(70_000)}"` }],
    [
      'too-many',
      { ...good, 'signature-input': `sig1=(${Array.from({ length: 65 }, (_, i) => `"x-${i}"`).join(' ')})` },
    ],
  ])('%s: %j', async (reason, fields) => {
    expect(await reasonOf(requestWith(fields))).toBe(reason)
  })

  test('a signature has one spelling in base64', async () => {
    const value = good.signature.slice('sig1=:'.length, -1)
    const unpadded = { ...good, signature: `sig1=:${value.replace(/=+$/, '')}:` }
    expect(await reasonOf(requestWith(unpadded))).toBe('malformed')
    const last = value.at(-2)!
    const trailing = `${value.slice(0, -2)}${String.fromCharCode(last.charCodeAt(0) + 1)}=`
    expect(['malformed', 'mismatch']).toContain(
      await reasonOf(requestWith({ ...good, signature: `sig1=:${trailing}:` })),
    )
  })

  test('spaces between the parts of a list do not matter', async () => {
    const spaced = { ...good, 'signature-input': good['signature-input'].replace('" "', '"   "') }
    expect(await reasonOf(requestWith(spaced))).toBe('valid')
  })

  test('of more than 16 signatures none counts', async () => {
    const many = (count: number) =>
      requestWith(joined(...Array.from({ length: count }, (_, index) => signedBy({ label: `s${index}` }))))
    expect(await reasonOf(many(16))).toBe('valid')
    expect(await reasonOf(many(17))).toBe('too-many')
  })

  test('the fields may come on several lines, as proxies write them', async () => {
    const [one, other] = [signedBy(), signedBy({ label: 'proxy' })]
    const fields = {
      'signature-input': [one['signature-input'], other['signature-input']],
      signature: [one.signature, other.signature],
    }
    expect(await reasonOf(requestWith(fields))).toBe('valid')
  })
})

describe('coverage', () => {
  test.each<[string, string[]]>([
    ['insufficient', []],
    ['insufficient', ['"@method"']],
    ['insufficient', ['"content-digest"']],
    ['insufficient', ['"@method"', '"content-digest";sf']],
    ['insufficient', ['"@method"', '"content-digest";bs']],
    ['insufficient', ['"@method"', '"content-digest";key="sha-256"']],
    ['malformed', ['"@method"', '"content-digest"', '"@method"']],
    ['malformed', ['"@method"', '"content-digest"', '"x-a";sf;key="b"', '"x-a";key="b";sf']],
    ['absent-component', ['"@method"', '"content-digest"', '"x-absent"']],
    ['absent-component', ['"@method"', '"content-digest"', '"@status"']],
    ['absent-component', ['"@method"', '"content-digest"', '"x-a";tr']],
    ['absent-component', ['"@method"', '"content-digest"', '"@method";req']],
    ['mismatch', ['"@method"', '"content-digest"', '"x-b"']],
  ])('%s: %j', async (reason, components) => {
    const request = covering(components)
    const headers = { ...request.headers, 'x-b': 'what was not signed' }
    expect(await reasonOf({ ...request, headers })).toBe(reason)
  })

  test('an explicit [] requires nothing', async () => {
    expect(await reasonOf(covering([]), { required: [] })).toBe('valid')
  })
})

describe('times', () => {
  const at = (parameters: string, changed = {}) =>
    reasonOf(covering(['"@method"', '"content-digest"'], parameters), changed)

  test('the age has a border, and so has the future', async () => {
    expect(await at(`;created=${created - 60}`)).toBe('valid')
    expect(await at(`;created=${created - 61}`)).toBe('stale')
    expect(await at(`;created=${created + 60}`)).toBe('valid')
    expect(await at(`;created=${created + 61}`)).toBe('future')
    expect(await at(`;created=${created + 1}`, { clockSkewSeconds: 0 })).toBe('future')
  })

  test('what has expired is refused, and the last second counts', async () => {
    expect(await at(`;created=${created};expires=${created}`)).toBe('valid')
    expect(await at(`;created=${created};expires=${created - 1}`)).toBe('stale')
  })

  test('a limit needs a time, and 0 is no limit', async () => {
    expect(await at('')).toBe('missing-created')
    expect(await at('', { maxAgeSeconds: 0 })).toBe('valid')
    expect(await at(`;created=1`, { maxAgeSeconds: 0 })).toBe('valid')
    expect(await at(`;created=${created + 301}`, { maxAgeSeconds: 0 })).toBe('future')
  })
})

describe('several signatures', () => {
  const bad = signedBy({ label: 'bad', secret: 'another' })
  const tagged = signedBy({ label: 'tagged', parameters: `;created=${created};tag="app"` })

  test('all means all, and any means any', async () => {
    for (const fields of [joined(good, bad), joined(bad, good)]) {
      expect(await reasonOf(requestWith(fields))).toBe('mismatch')
      expect(await reasonOf(requestWith(fields), { mode: 'any' })).toBe('valid')
    }
    expect(await reasonOf(requestWith(bad), { mode: 'any' })).toBe('mismatch')
  })

  test('those that the policy names count, and under all each of them', async () => {
    const both = requestWith(joined(good, bad))
    expect(await reasonOf(both, { labels: ['sig1'] })).toBe('valid')
    expect(await reasonOf(both, { labels: ['bad'] })).toBe('mismatch')
    expect(await reasonOf(both, { labels: ['sig1', 'absent'] })).toBe('missing')
    expect(await reasonOf(both, { labels: ['sig1', 'absent'], mode: 'any' })).toBe('valid')
    expect(await reasonOf(both, { labels: ['absent'] })).toBe('missing')
  })

  test('those with the tag count', async () => {
    expect(await reasonOf(requestWith(joined(bad, tagged)), { tag: 'app' })).toBe('valid')
    expect(await reasonOf(requestWith(good), { tag: 'app' })).toBe('missing')
    expect(await reasonOf(requestWith(tagged), { tag: 'another' })).toBe('missing')
  })
})

test('under any a signature that is not understood is none, and beside a tag it does not count', async () => {
  const odd = { 'signature-input': 'odd=("@new";kind="x");created=1', signature: 'odd=:AAAA:' }
  const half = { 'signature-input': good['signature-input'], signature: `${good.signature}, half=:AAAA:` }
  expect(await reasonOf(requestWith(joined(odd, good)))).toBe('malformed')
  expect(await reasonOf(requestWith(joined(odd, good)), { mode: 'any' })).toBe('valid')
  expect(await reasonOf(requestWith(half))).toBe('missing')
  expect(await reasonOf(requestWith(half), { mode: 'any' })).toBe('valid')
  const tagged = signedBy({ label: 'tagged', parameters: `;created=${created};tag="app"` })
  expect(await reasonOf(requestWith(joined(odd, tagged)), { tag: 'app' })).toBe('valid')
})

test('a nonce is there where the policy requires one', async () => {
  const nonce = (text: string) => requestWith(signedBy({ parameters: `;created=${created};nonce="${text}"` }))
  expect(await reasonOf(nonce('abc'), { nonce: 'required' })).toBe('valid')
  expect(await reasonOf(nonce(''), { nonce: 'required' })).toBe('missing-nonce')
  expect(await reasonOf(requestWith(good), { nonce: 'required' })).toBe('missing-nonce')
})

describe('the body', () => {
  test('has to have the digest that is signed', async () => {
    expect(await reasonOf(requestWith(good, '{"a":2}'))).toBe('digest-mismatch')
  })

  test('is not looked at where no signature covers it', async () => {
    const request = requestWith(signedBy({ components: ['"@method"'] }), 'another body')
    expect(await reasonOf(request, { required: ['@method'] })).toBe('valid')
  })

  test('has to have the digest that is signed by its key, which is one that counts', async () => {
    const md5 = '"content-digest";key="md5"'
    const request = covering([md5])
    const headers = { ...request.headers, 'content-digest': `md5=?1, ${digest}` }
    expect(await reasonOf({ ...request, headers }, { required: [] })).toBe('mismatch')
  })

  test.each<[boolean, string | null, string]>([
    [true, digest, '{"a":1}'],
    [true, contentDigest('{"a":1}', 'sha-512'), '{"a":1}'],
    [true, `unixsum=30637, ${digest}`, '{"a":1}'],
    [false, digest, '{"a":1} '],
    [false, `${digest}, ${digest}`, '{"a":1}'],
    [false, `${digest}, ${contentDigest('', 'sha-512')}`, '{"a":1}'],
    [false, 'sha=:AAAA:', '{"a":1}'],
    [false, 'sha-256="text"', '{"a":1}'],
    [false, 'sha-256=(:AAAA:)', '{"a":1}'],
    [false, digest.replace('sha-256', 'SHA-256'), '{"a":1}'],
    [false, '', ''],
    [false, null, ''],
    [false, ':', ''],
  ])('verifyContentDigest says %s of %j', (isRight, field, sent) => {
    expect(verifyContentDigest(field, sent)).toBe(isRight)
  })
})
