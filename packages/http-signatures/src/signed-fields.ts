import { ConfigurationError } from '@latchkey/core'
import { type BareItem, type Dictionary, serializeDictionary } from 'structured-headers'
import { type Component, namedComponent } from './component.js'
import { contentDigest } from './content-digest.js'
import { freshNonce, makeSignature } from './crypto.js'
import { type Fields, type Message, plainFields } from './http-message.js'
import { MessageReader } from './message-reader.js'
import type { SignMessageOptions } from './sign.js'
import { signatureBase } from './signature-base.js'
import { strictDictionary } from './structured-field.js'

/** The fields that a signature adds to a message, or writes anew. */
export interface SignedFields {
  'content-digest'?: string
  'signature-input': string
  signature: string
}

/**
 * Signs a message.
 *
 * @throws ConfigurationError where a component is not in the message, or the label is taken.
 */
export async function signedFields(
  factory: string,
  message: Message,
  readBody: () => Promise<Uint8Array>,
  options: SignMessageOptions,
): Promise<SignedFields> {
  const { key, label = 'sig1', fieldTypes = {}, digest } = options
  const components = options.components.map((name) => namedComponent(name, `${factory}: each of "components"`))
  const made = lacksDigest(components, message) ? { 'content-digest': contentDigest(await readBody(), digest) } : {}
  const whole: Message = { ...message, fields: overlaid(message.fields, plainFields(made)) }

  const inputs = existing(factory, whole.fields, 'signature-input', label)
  const signatures = existing(factory, whole.fields, 'signature', label)
  const parameters = signatureParameters(options)
  const base = signatureBase(components, parameters, whole, new MessageReader(fieldTypes))
  if (base === undefined || new Set(components.map(({ identity }) => identity)).size !== components.length) {
    throw new ConfigurationError(
      'invalid-option',
      `${factory}: "components" must be of the message, each once: ${options.components.join(', ')}`,
    )
  }
  inputs.set(label, [components.map(({ name, parameters: own }) => [name, own]), parameters])
  const bytes = makeSignature(key.algorithm, key.signingHandle, Buffer.from(base, 'latin1'))
  signatures.set(label, [bytes, new Map()])
  return { ...made, 'signature-input': serializeDictionary(inputs), signature: serializeDictionary(signatures) }
}

function signatureParameters(options: SignMessageOptions): Map<string, BareItem> {
  const { key, nonce, tag, expiresInSeconds, namesAlgorithm = false, nowMs = Date.now() } = options
  const created = Math.floor(nowMs / 1000)
  const parameters = new Map<string, BareItem>([['created', created]])
  if (expiresInSeconds !== undefined) parameters.set('expires', created + Math.floor(expiresInSeconds))
  if (key.keyid !== undefined) parameters.set('keyid', key.keyid)
  if (namesAlgorithm) parameters.set('alg', key.algorithm)
  if (nonce !== undefined) parameters.set('nonce', nonce === true ? freshNonce() : nonce)
  if (tag !== undefined) parameters.set('tag', tag)
  return parameters
}

function lacksDigest(components: readonly Component[], { fields }: Message): boolean {
  const isCovered = components.some(({ name, parameters }) => {
    return name === 'content-digest' && !parameters.has('req') && !parameters.has('tr')
  })
  return isCovered && fields.joined('content-digest') === undefined
}

function existing(factory: string, fields: Fields, name: string, label: string): Dictionary {
  const dictionary = strictDictionary(fields.joined(name) ?? '')
  if (dictionary !== undefined && !dictionary.has(label)) return dictionary
  const complaint = dictionary === undefined ? 'is malformed' : `has the label "${label}" already`
  throw new ConfigurationError('invalid-option', `${factory}: "${name}" of the message ${complaint}`)
}

function overlaid(below: Fields, above: Fields): Fields {
  const holder = (name: string) => (above.joined(name) === undefined ? below : above)
  return { lines: (name) => holder(name).lines(name), joined: (name) => holder(name).joined(name) }
}
