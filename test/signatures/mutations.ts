import type { Scheme } from '@latchkey/core'
import fc from 'fast-check'
import type { Message } from './message.js'
import { bodyRespellings, malformed, respellings, urlRespellings } from './respellings.js'

/** A change to a message. */
export interface Mutation {
  readonly name: string
  readonly apply: (message: Message) => Message
}

/** A field line by its place, or another part of a message. */
type Part = number | 'body' | 'url' | 'method'

function respelled(message: Message, part: Part, name: string, at: number, pick: number): Message {
  const { lines, body, url, method } = message
  switch (part) {
    case 'body':
      return { ...message, body: Buffer.from(bodyRespellings[name]!(body.toString('latin1'), at, pick), 'latin1') }
    case 'url':
      return { ...message, url: urlRespellings[name]!(url, at, pick) }
    case 'method':
      return { ...message, method: respellings[name]!(method, at, pick) }
    default: {
      const changed = lines.map(([field, value], index): [string, string] => [
        field,
        index === part ? respellings[name]!(value, at, pick) : value,
      ])
      return { ...message, lines: changed }
    }
  }
}

const twiceOver: Readonly<Record<string, (line: readonly [string, string]) => [string, string][]>> = {
  'two lines': (line) => [[...line], [...line]],
  'two lines in another case': ([name, value]) => [
    [name, value],
    [name.toUpperCase(), value],
  ],
  'a second line with nothing': ([name, value]) => [
    [name, value],
    [name, ''],
  ],
  joined: ([name, value]) => [[name, `${value}, ${value}`]],
  none: () => [],
}

/** Moves characters over the border between two parts that are signed one after the other. */
function shifted(message: Message, from: number, to: number, count: number, isFromEnd: boolean): Message {
  const texts = [...message.lines.map(([, value]) => value), message.body.toString('latin1')]
  const source = texts[from % texts.length]!
  const target = to % texts.length
  const moved = isFromEnd ? source.slice(source.length - count) : source.slice(0, count)
  texts[from % texts.length] = isFromEnd ? source.slice(0, source.length - moved.length) : source.slice(moved.length)
  texts[target] = isFromEnd ? moved + texts[target]! : texts[target]! + moved
  return {
    ...message,
    lines: message.lines.map(([name], index): [string, string] => [name, texts[index]!]),
    body: Buffer.from(texts.at(-1)!, 'latin1'),
  }
}

/** Changes to the messages of one scheme: most of them make another message, or none. */
export function mutations({ carriers }: Scheme, genuine: Message): fc.Arbitrary<Mutation> {
  const lineAt = fc.nat(Math.max(genuine.lines.length - 1, 0))
  const number = fc.nat(4096)
  const respelling = (parts: fc.Arbitrary<Part>, names: object) =>
    fc.tuple(parts, fc.constantFrom(...Object.keys(names)), number, number).map(
      ([part, name, at, pick]): Mutation => ({
        name: `${part}: ${name} (${at}, ${pick})`,
        apply: (message) => respelled(message, part, name, at, pick),
      }),
    )
  const fields = [...new Set(carriers.flatMap(({ signature }) => [signature].flat()))]
  const further = ['x-hub-signature', 'x-hub-signature-256', 'webhook-signature', '__proto__', 'constructor', ...fields]
  return fc.oneof(
    { arbitrary: respelling(lineAt, respellings), weight: 5 },
    { arbitrary: respelling(fc.constant('body'), bodyRespellings), weight: 3 },
    respelling(fc.constant('url'), urlRespellings),
    respelling(fc.constant('method'), respellings),
    fc.tuple(lineAt, fc.constantFrom(...Object.keys(twiceOver))).map(
      ([at, name]): Mutation => ({
        name: `line ${at}: ${name}`,
        apply: (message) => ({
          ...message,
          lines: message.lines.flatMap((line, index) => (index === at ? twiceOver[name]!(line) : [line])),
        }),
      }),
    ),
    fc.tuple(number, number, fc.integer({ min: 1, max: 12 }), fc.boolean()).map(
      ([from, to, count, isFromEnd]): Mutation => ({
        name: `${count} characters from ${from} to ${to}${isFromEnd ? ' from the end' : ''}`,
        apply: (message) => shifted(message, from, to, count, isFromEnd),
      }),
    ),
    fc
      .tuple(
        fc.constantFrom(...further),
        fc.oneof(fc.constantFrom(...malformed), fc.string({ unit: 'binary', maxLength: 80 })),
      )
      .map(
        ([field, value]): Mutation => ({
          name: `${field}: ${JSON.stringify(value)}`,
          apply: (message) => ({ ...message, lines: [...message.lines, [field, value]] }),
        }),
      ),
    fc.tuple(lineAt, fc.constantFrom(...further)).map(
      ([at, field]): Mutation => ({
        name: `line ${at} as ${field}`,
        apply: (message) => ({
          ...message,
          lines: message.lines.map(([name, value], index): [string, string] => [index === at ? field : name, value]),
        }),
      }),
    ),
  )
}

/** Changes that leave a message what it is: names of fields in any case and order, and further fields. */
export const harmless: fc.Arbitrary<Mutation> = fc
  .tuple(fc.nat(), fc.constantFrom('x-trace', 'user-agent', 'x-signature-not'), fc.string({ maxLength: 20 }))
  .map(([seed, field, value]) => ({
    name: `in another case and order (${seed}), with ${field}`,
    apply: (message) => ({
      ...message,
      lines: [
        ...message.lines.map(([name, text], index): [string, string] => [
          (seed >> index) % 2 === 1 ? name.toUpperCase() : name,
          text,
        ]),
        [field, value] as [string, string],
      ].sort(([one], [other]) => ((seed * one.length) % 7) - ((seed * other.length) % 7)),
    }),
  }))
