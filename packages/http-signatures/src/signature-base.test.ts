import { describe, expect, test } from 'vitest'
import { namedComponent } from './component.js'
import { componentValue } from './component-value.js'
import { type HttpRequest, plainFields, requestMessage, responseMessage } from './http-message.js'
import { MessageReader } from './message-reader.js'

/** The line of a component in the signature base; `undefined` where it has no value. */
function line(component: string, given: Partial<HttpRequest>, fieldTypes = {}): string | undefined {
  const request = { method: 'GET', url: 'https://www.example.com/', headers: {}, ...given }
  const found = namedComponent(component, 'component')
  const value = componentValue(found, requestMessage(request), new MessageReader(fieldTypes))
  return value === undefined ? undefined : `${found.identifier}: ${value}`
}

describe('header fields (RFC 9421 section 2.1)', () => {
  const headers = {
    Host: 'www.example.com',
    Date: 'Tue, 20 Apr 2021 02:07:56 GMT',
    'X-OWS-Header': '  Leading and trailing whitespace.  ',
    'X-Obs-Fold-Header': 'Obsolete\r\n    line folding.',
    'Cache-Control': ['max-age=60', '   must-revalidate'],
    'Example-Dict': ' a=1,    b=2;x=1;y=2,   c=(a   b   c)',
    'X-Empty-Header': ' ',
  }

  test.each([
    '"host": www.example.com',
    '"date": Tue, 20 Apr 2021 02:07:56 GMT',
    '"x-ows-header": Leading and trailing whitespace.',
    '"x-obs-fold-header": Obsolete line folding.',
    '"cache-control": max-age=60, must-revalidate',
    '"example-dict": a=1,    b=2;x=1;y=2,   c=(a   b   c)',
    '"x-empty-header": ',
  ])('%s', (expected) => {
    expect(line(/"([^"]+)"/.exec(expected)![1]!, { headers })).toBe(expected)
  })

  test('a field that is absent has no value, and neither has one that is not ASCII', () => {
    expect(line('x-absent', { headers })).toBeUndefined()
    expect(line('x-odd', { headers: { 'x-odd': 'caf\u00e9' } })).toBeUndefined()
    expect(line('x-odd', { headers: { 'x-odd': 'a\n"@method": GET' } })).toBeUndefined()
    expect(line('constructor', { headers: {} })).toBeUndefined()
  })
})

describe('structured fields', () => {
  const dictionary = { 'example-dict': 'dictionary' } as const
  const headers = { 'Example-Dict': ' a=1, b=2;x=1;y=2, c=(a   b    c), d' }

  test('are serialized strictly with sf, where their type is known (section 2.1.1)', () => {
    const loose = { 'Example-Dict': ' a=1,    b=2;x=1;y=2,   c=(a   b   c)' }
    expect(line('example-dict;sf', { headers: loose }, dictionary)).toBe(
      '"example-dict";sf: a=1, b=2;x=1;y=2, c=(a b c)',
    )
    expect(line('example-dict;sf', { headers: loose })).toBeUndefined()
    expect(line('cache-status;sf', { headers: { 'Cache-Status': ['a; hit', 'b;fwd=miss'] } })).toBe(
      '"cache-status";sf: a;hit, b;fwd=miss',
    )
    expect(line('cache-status;sf', { headers: { 'Cache-Status': 'a=1' } })).toBeUndefined()
  })

  test.each([
    ['a', '1'],
    ['d', '?1'],
    ['b', '2;x=1;y=2'],
    ['c', '(a b c)'],
  ])('have members, by key (section 2.1.2): %s', (key, value) => {
    expect(line(`example-dict;key="${key}"`, { headers })).toBe(`"example-dict";key="${key}": ${value}`)
  })

  test('a member that is absent has no value, nor has one of a field that is no dictionary, or where a key comes twice', () => {
    expect(line('example-dict;key="e"', { headers })).toBeUndefined()
    expect(line('client-cert;key="a"', { headers: { 'Client-Cert': 'a=1' } })).toBeUndefined()
    expect(line('example-dict;key="a"', { headers: { 'Example-Dict': 'a=1, b="x, y", a=2' } })).toBeUndefined()
    expect(line('example-dict;key="b"', { headers: { 'Example-Dict': 'a=1, b="x, y"' } })).toMatch(/"x, y"$/)
  })

  test('a whole decimal is not taken for an integer', () => {
    expect(line('example-dict;key="a"', { headers: { 'Example-Dict': 'a=1.0' } })).toBeUndefined()
    expect(line('example-dict;key="a"', { headers: { 'Example-Dict': 'a=1.5' } })).toMatch(/1\.5$/)
  })

  test('lines are wrapped as bytes with bs, so that two are not one (section 2.1.3)', () => {
    const two = { 'Example-Header': ['value, with, lots', 'of, commas'] }
    const one = { 'Example-Header': 'value, with, lots, of, commas' }
    expect(line('example-header', { headers: two })).toBe(line('example-header', { headers: one }))
    expect(line('example-header;bs', { headers: two })).toBe(
      '"example-header";bs: :dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:',
    )
    expect(line('example-header;bs', { headers: one })).toBe(
      '"example-header";bs: :dmFsdWUsIHdpdGgsIGxvdHMsIG9mLCBjb21tYXM=:',
    )
  })

  test('trailers are another thing than headers (section 2.1.4)', () => {
    const trailers = { Expires: 'Wed, 9 Nov 2022 07:28:00 GMT' }
    expect(line('expires;tr', { trailers })).toBe('"expires";tr: Wed, 9 Nov 2022 07:28:00 GMT')
    expect(line('expires', { trailers })).toBeUndefined()
    expect(line('expires;tr', { headers: trailers })).toBeUndefined()
  })
})

describe('derived components (section 2.2)', () => {
  const url = 'https://www.example.com/path?param=value'

  test.each([
    ['"@method": POST', { method: 'POST' }],
    ['"@method": pOST', { method: 'pOST' }],
    ['"@target-uri": https://www.example.com/path?param=value', { url }],
    ['"@target-uri": https://www.example.com/', { url: 'https://www.example.com' }],
    ['"@authority": www.example.com', { url }],
    ['"@authority": www.example.com', { url: 'https://WWW.Example.com:443/' }],
    ['"@authority": www.example.com:8443', { url: 'https://www.example.com:8443/' }],
    ['"@authority": [::1]:3000', { url: 'http://[::1]:3000/' }],
    ['"@scheme": http', { url: 'HTTP://www.example.com/path' }],
    ['"@request-target": /path?param=value', { url }],
    ['"@path": /path', { url }],
    ['"@path": /', { url: 'https://www.example.com?a' }],
    ['"@path": /a/../b/%7Efoo', { url: 'https://www.example.com/a/../b/%7Efoo' }],
    ['"@query": ?param=value&foo=bar&baz=bat%2Dman', { url: 'http://a/path?param=value&foo=bar&baz=bat%2Dman' }],
    ['"@query": ?queryString', { url: 'http://a/path?queryString' }],
    ['"@query": ?', { url: 'http://a/path' }],
    ['"@query": ?', { url: 'http://a/path?' }],
  ])('%s', (expected, given) => {
    expect(line(/"([^"]+)"/.exec(expected)![1]!, given)).toBe(expected)
  })

  test.each(['www.example.com/path', '/path', 'https://user@www.example.com/', 'https://www.example.com\\@evil/'])(
    'nothing is derived from %j',
    (wrong) => {
      expect(line('@authority', { url: wrong })).toBeUndefined()
    },
  )

  const parameters =
    'https://a/parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something&qux=&odd=%FF&twice=1&twice=2&mark=%21%27%28%29%7E*'

  test.each([
    '"@query-param";name="var": this%20is%20a%20big%0Amultiline%20value',
    '"@query-param";name="bar": with%20plus%20whitespace',
    '"@query-param";name="fa%C3%A7ade%22%3A%20": something',
    '"@query-param";name="qux": ',
    '"@query-param";name="mark": %21%27%28%29%7E*',
  ])('%s', (expected) => {
    expect(line(/^"([^:]+): /.exec(expected)![1]!.replace('"', ''), { url: parameters })).toBe(expected)
  })

  test.each(['absent', 'twice', 'odd'])('a query parameter has no value where it is %s', (name) => {
    expect(line(`@query-param;name="${name}"`, { url: parameters })).toBeUndefined()
  })
})

describe('requests and responses (section 2.4)', () => {
  const request = { method: 'POST', url: 'https://a/foo', headers: { 'X-A': 'of the request' } }
  const response = responseMessage({ status: 503, headers: { 'X-A': 'of the response' } }, request)
  const value = (component: string, message = response) =>
    componentValue(namedComponent(component, 'component'), message, new MessageReader({}))

  test('a response has a status, and with req what the request has', () => {
    expect(value('@status')).toBe('503')
    expect(value('x-a')).toBe('of the response')
    expect(value('x-a;req')).toBe('of the request')
    expect(value('@method;req')).toBe('POST')
    expect(value('@method')).toBeUndefined()
    expect(value('@method;req', responseMessage({ status: 503, headers: {} }))).toBeUndefined()
  })

  test('a request has no status, and nothing of another request', () => {
    const message = requestMessage(request)
    for (const component of ['@status', '@method;req', 'x-a;req']) {
      expect(componentValue(namedComponent(component, 'component'), message, new MessageReader({}))).toBeUndefined()
    }
  })
})

test.each([
  '',
  'X-Upper',
  '@unknown',
  '@signature-params',
  '@query-param',
  '@method;sf',
  '@status;req',
  'x;name="a"',
  'x;bs;sf',
  'x;bs;key="a"',
  'x;unknown',
  'x;sf=?0',
  'x;key=1',
  'x y',
  'x";y="',
])('%j names no component', (name) => {
  expect(() => namedComponent(name, 'each')).toThrow(/each must be/)
})

test('identifiers are equal whatever the order of their parameters', () => {
  const [one, other] = ['x;req;sf', 'x;sf;req'].map((name) => namedComponent(name, 'each'))
  expect(one!.identity).toBe(other!.identity)
  expect(one!.identifier).not.toBe(other!.identifier)
})

test('fields that differ in case alone are one', () => {
  expect(plainFields({ 'X-A': '1', 'x-a': '2' }).joined('x-a')).toBe('1, 2')
})
