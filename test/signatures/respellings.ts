/** What changes one text: a field's value, or a body with a character a byte. `at` and `pick` say where and which. */
export type Respelling = (text: string, at: number, pick: number) => string

const insert = (text: string, at: number, piece: string) => {
  const where = at % (text.length + 1)
  return text.slice(0, where) + piece + text.slice(where)
}
const replace = (text: string, at: number, piece: (character: string) => string) => {
  if (text.length === 0) return text
  const where = at % text.length
  return text.slice(0, where) + piece(text[where]!) + text.slice(where + 1)
}
const items = (text: string) => text.split(/(?<=[,; ])|(?=[,; ])/)
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const strange = [
  '\0',
  '\t',
  ' ',
  '\n',
  '\r\n',
  '\u00a0',
  '\u00ad',
  '\ufeff',
  '\u200b',
  '\u0660',
  '\uff11',
  'é',
  '"',
  '%',
  ',',
  '.',
  '=',
  ';',
]
/** What stands where a credential should. */
export const malformed = [
  ...['', ' ', '0', '-1', '+1', '1.0', '1e9', '0x1', 'NaN', 'Infinity', '00', '1_0', '９', 'null', 'undefined'],
  ...['v1', 'v1=', 'v1,', '=', ',', 't=', 't=1,t=1', 't=1;h1=', '__proto__=1', 'constructor=1', 'sha256=', 'v0='],
  ...['2023-11-14T22:13:20Z', '2023-11-14t22:13:20z', '2023-11-14 22:13:20Z', 'Tue, 14 Nov 2023 22:13:20 GMT'],
  ...['9'.repeat(400), 'A'.repeat(5000), 'v1,'.repeat(400), 'v1=00,'.repeat(400), `${'A'.repeat(43)}=`, '0'.repeat(64)],
]

/** What is done to any part. */
export const respellings: Readonly<Record<string, Respelling>> = {
  'a bit is flipped': (text, at, pick) =>
    replace(text, at, (one) => String.fromCharCode(one.charCodeAt(0) ^ (1 << (pick % 8)))),
  'a character is put in': (text, at, pick) => insert(text, at, strange[pick % strange.length]!),
  'a digit is put in': (text, at, pick) => insert(text, at, String(pick % 10)),
  'a character is left out': (text, at) => replace(text, at, () => ''),
  'the case of one': (text, at) =>
    replace(text, at, (one) => (one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase())),
  'the case of all': (text, at) => (at % 2 === 0 ? text.toUpperCase() : text.toLowerCase()),
  'something is put before': (text, _, pick) => strange[pick % strange.length] + text,
  'something is put behind': (text, _, pick) => text + strange[pick % strange.length],
  'a sign or a zero before': (text, _, pick) => ['+', '-', '0', '00', '0x', '0b', "'"][pick % 7]! + text,
  'more behind': (text, _, pick) => text + ['=', '==', '0', '.0', 'e0', 'n', 'Z', '+00:00'][pick % 8]!,
  'the end is cut': (text, _, pick) => text.slice(0, text.length - 1 - (pick % 4)),
  'the other alphabet of base64': (text) =>
    text.replaceAll(/[+/_-]/g, (one) => ({ '+': '-', '/': '_', '-': '+', _: '/' })[one]!),
  'the padding': (text) => (text.endsWith('=') ? text.replace(/=+$/, '') : `${text}=`),
  'stray bits of base64': (text, _, pick) =>
    text.replace(/([A-Za-z0-9+/])(=*)$/, (_all, one: string, padding: string) => {
      const value = digits.indexOf(one)
      return digits[(value & ~3) | (pick % 4)]! + padding
    }),
  'base64 for hexadecimal': (text) =>
    text.replace(/[0-9a-f]{40,128}/, (hex) => Buffer.from(hex, 'hex').toString('base64')),
  'hexadecimal for base64': (text) =>
    text.replace(/[A-Za-z0-9+/]{27,86}={0,2}$/, (base64) => Buffer.from(base64, 'base64').toString('hex')),
  'DER that is no DER': (text, _, pick) =>
    /^MEU|^MEQ|^MEY/.test(text) ? respelledDer(Buffer.from(text, 'base64'), pick).toString('base64') : text,
  'an item twice': (text, at) => {
    const all = items(text)
    return [...all, ',', all[at % all.length]].join('')
  },
  'items the other way round': (text) => items(text).reverse().join(''),
  'an item is left out': (text, at) => {
    const all = items(text)
    return all.filter((_, index) => index !== at % all.length).join('')
  },
  'an item of nobody': (text, at, pick) => {
    const item = ['v9=00', 'v9,AAAA', '__proto__=1', 'x', '', '=', 'v1=', 'v1,', 't=1', 'ts=1', 'h=host'][pick % 11]!
    const separator = [',', ';', ' ', ', '][at % 4]!
    return at % 8 < 4 ? item + separator + text : text + separator + item
  },
  'many times over': (text, at, pick) =>
    Array.from({ length: 2 + (pick % 16) }, () => text).join([',', ' ', ';', ', '][at % 4]),
  'the label': (text, _, pick) =>
    text.replace(
      /(v\d|t|ts|h\d|sha\d+)(?=[=,])/,
      (label) => [label.toUpperCase(), `${label}a`, 'v2', 'sha1'][pick % 4]!,
    ),
  quoted: (text) => `"${text}"`,
  anything: (_, at) => malformed[at % malformed.length]!,
  escaped: (text, at) => replace(text, at, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0').slice(-2)}`),
  unescaped: (text, at) => {
    const escapes = text.match(/%[0-9A-Fa-f]{2}/g) ?? []
    const one = escapes[at % Math.max(escapes.length, 1)]
    return one === undefined ? text : text.replace(one, String.fromCharCode(Number.parseInt(one.slice(1), 16)))
  },
  'the case of an escape': (text) => text.replaceAll(/%[0-9A-Fa-f]{2}/g, (one) => one.toLowerCase()),
}

/** The same two numbers in DER that is written otherwise, and the other s that the curve allows. */
function respelledDer(der: Buffer, pick: number): Buffer {
  const [, , , length = 0] = der
  const r = der.subarray(4, 4 + length)
  const s = der.subarray(6 + length)
  const integer = (bytes: Buffer) => Buffer.concat([Buffer.from([2, bytes.length]), bytes])
  const sequence = (...parts: Buffer[]) => {
    const content = Buffer.concat(parts)
    return Buffer.concat([Buffer.from([0x30, content.length]), content])
  }
  const padded = Buffer.concat([Buffer.from([0]), s])
  const longLength = Buffer.concat([Buffer.from([0x30, 0x81]), der.subarray(1)])
  const spellings = [
    sequence(integer(r), integer(padded)),
    longLength,
    Buffer.concat([der, Buffer.from([0])]),
    sequence(integer(s), integer(r)),
  ]
  return spellings[pick % spellings.length]!
}

/** What is done to a body, with a character a byte. */
export const bodyRespellings: Readonly<Record<string, Respelling>> = {
  ...respellings,
  'a byte order mark': (text) => `\u00ef\u00bb\u00bf${text}`,
  'what is no UTF-8 replaced': (text) => Buffer.from(Buffer.from(text, 'latin1').toString()).toString('latin1'),
  'another end of line': (text) => (text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : `${text}\n`),
  'JSON written anew': (text) => {
    try {
      return Buffer.from(JSON.stringify(JSON.parse(Buffer.from(text, 'latin1').toString()))).toString('latin1')
    } catch {
      return text
    }
  },
  'a member twice': (text, _, pick) => text.replace('{', `{"id":"evt_${pick}","signature":{},`),
  'parameters the other way round': (text) => text.split('&').reverse().join('&'),
}

/** What is done to a URL. */
export const urlRespellings: Readonly<Record<string, Respelling>> = {
  ...respellings,
  'its default port': (url) => url.replace('.com/', '.com:443/'),
  'its host in capitals': (url) => url.replace('api.example.com', 'API.example.com'),
  'its scheme': (url) => url.replace('https:', 'http:'),
  'a slash behind': (url) => url.replace('?', '/?'),
  'a fragment': (url) => `${url}#`,
  'a further parameter': (url) => `${url}&x=1`,
  'plus for a space': (url) => url.replace('%20', '+'),
  'a dot segment': (url) => url.replace('.com/', '.com/./'),
}
