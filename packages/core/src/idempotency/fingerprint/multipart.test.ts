import { describe, expect, test } from 'vitest'
import { formParts } from './multipart.js'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const type = 'multipart/form-data; boundary=B'
const field = 'Content-Disposition: form-data; name="a"'
const form = (...parts: string[]) => `${parts.map((part) => `--B\r\n${part}`).join('\r\n')}\r\n--B--\r\n`
const parts = (text: string, contentType = type) =>
  formParts(bytes(text), contentType)?.map(({ head, bytes: content }) => [
    head,
    Buffer.from(content).toString('latin1'),
  ])

describe('the parts of a form', () => {
  test.each([
    ['one field', form(`${field}\r\n\r\n1`), [['content-disposition: form-data; name="a"', '1']]],
    ['an empty value', form(`${field}\r\n\r\n`), [['content-disposition: form-data; name="a"', '']]],
    [
      'header fields are sorted, their names in lower case',
      form(`content-TYPE:  text/plain \r\n${field}\r\n\r\n\r\n\r\nx\r\n`),
      [['content-disposition: form-data; name="a"\ncontent-type: text/plain', '\r\n\r\nx\r\n']],
    ],
    [
      'nothing behind the end',
      `--B\r\n${field}\r\n\r\n1\r\n--B--`,
      [['content-disposition: form-data; name="a"', '1']],
    ],
    [
      'dashes in a value',
      form(`${field}\r\n\r\n--C\r\n-B`),
      [['content-disposition: form-data; name="a"', '--C\r\n-B']],
    ],
  ])('%s', (_, text, expected) => {
    expect(parts(text)).toEqual(expected)
  })

  test.each([
    ['nothing', ''],
    ['another boundary', form(`${field}\r\n\r\n1`).replaceAll('--B', '--C')],
    ['a preamble', `hello\r\n${form(`${field}\r\n\r\n1`)}`],
    ['an epilogue', `${form(`${field}\r\n\r\n1`)}hello`],
    ['no end', `--B\r\n${field}\r\n\r\n1`],
    ['half an end', `--B\r\n${field}\r\n\r\n1\r\n--B-`],
    ['a line that starts like the boundary', form(`${field}\r\n\r\n1\r\n--Bx`)],
    ['white space behind the boundary', `--B \r\n${field}\r\n\r\n1\r\n--B--\r\n`],
    ['bare line feeds', form(`${field}\r\n\r\n1`).replaceAll('\r', '')],
    ['a part without a head', '--B\r\n--B--\r\n'],
    ['a head without an end', form(field)],
    ['a folded header line', form(`${field};\r\n filename="x"\r\n\r\n1`)],
    ['a header line without a colon', form(`${field}\r\nnonsense\r\n\r\n1`)],
    ['a part that is no form data', form('Content-Type: text/plain\r\n\r\n1')],
    ['a head of 20 kilobytes', form(`${field}\r\nX: ${'x'.repeat(20_000)}\r\n\r\n1`)],
  ])('%s is no form', (_, text) => {
    expect(parts(text)).toBeUndefined()
  })

  test.each([
    ['multipart/form-data; boundary="B"', true],
    ['multipart/form-data; charset=utf-8; Boundary=B', true],
    ['multipart/form-data; boundary=B; charset=utf-8', true],
    ['multipart/form-data', false],
    ['multipart/form-data; boundary=', false],
    ['multipart/form-data; boundary=B"', false],
    ['multipart/form-data; boundary="B', false],
    [`multipart/form-data; boundary=${'B'.repeat(71)}`, false],
  ])('the boundary in %s', (contentType, isForm) => {
    expect(parts(form(`${field}\r\n\r\n1`), contentType) !== undefined).toBe(isForm)
  })

  test('a body of near-boundaries is read in one pass', () => {
    const text = form(`${field}\r\n\r\n${'\r\n--'.repeat(250_000)}`)
    expect(parts(text)?.[0]?.[1]).toHaveLength(1_000_000)
  })
})
