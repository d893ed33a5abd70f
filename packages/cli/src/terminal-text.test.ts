import { expect, test } from 'vitest'
import { printable, printableJson, printableLines } from './terminal-text.js'

test('what a terminal would act on is shown as an escape', () => {
  expect(printable('a\u001b[31m\u0007\u009b\u202e\u2028\ud800é…😀\n')).toBe(
    'a\\u001b[31m\\u0007\\u009b\\u202e\\u2028\\ud800é…😀\\u000a',
  )
})

test('of several lines the line ends stay', () => {
  expect(printableLines('a\n\tb\r\u001b')).toBe('a\n\tb\\u000d\\u001b')
})

test('JSON is safe to show, and reads as what it was', () => {
  const value = { name: 'a\u009b\u202e\n' }
  const text = printableJson(value, 2)
  expect(text).not.toMatch(/[\u009b\u202e]/)
  expect(JSON.parse(text)).toEqual(value)
})
