/**
 * Characters that a terminal acts on, or that change the order in which people read: C0, DEL, C1, lone surrogates, the line and
 * paragraph separators, and what overrides direction (UAX 9).
 */
const unprintable = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu

/** Text of whatever origin as it can be shown: what is not printable is written as an escape. */
export function printable(text: string): string {
  return text.replace(unprintable, escaped)
}

/** Text of several lines, such as a body: its line ends and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(unprintable, (character) => (/[\n\t]/.test(character) ? character : escaped(character)))
}

/** JSON that is safe to show. Outside of strings JSON has no such character, but for the line ends of its layout. */
export function printableJson(value: unknown, indent?: number): string {
  return printableLines(JSON.stringify(value, undefined, indent))
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
