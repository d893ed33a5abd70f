import { type Parameters, serializeInnerList } from 'structured-headers'
import type { Component } from './component.js'
import { componentValue } from './component-value.js'
import type { Message } from './http-message.js'
import type { MessageReader } from './message-reader.js'

/** What is signed about a message (RFC 9421 section 2.5); `undefined` where a covered component has no value. */
export function signatureBase(
  components: readonly Component[],
  parameters: Parameters,
  message: Message,
  reader: MessageReader,
): string | undefined {
  const lines: string[] = []
  for (const component of components) {
    const value = componentValue(component, message, reader)
    if (value === undefined) return undefined
    lines.push(`${component.identifier}: ${value}`)
  }
  lines.push(`"@signature-params": ${signatureParams(components, parameters)}`)
  return lines.join('\n')
}

/** The covered components and the parameters, as they stand in `Signature-Input`. */
function signatureParams(components: readonly Component[], parameters: Parameters): string {
  return serializeInnerList([components.map(({ name, parameters: own }) => [name, own]), parameters])
}
