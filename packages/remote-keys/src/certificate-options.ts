import { ConfigurationError } from '@latchkey/core'
import { type Certificate, certificateOf } from './crypto.js'

/** @throws ConfigurationError where one of them is no certificate in PEM. */
export function certificateOption(
  factory: string,
  option: string,
  value: readonly string[] | undefined,
): readonly Certificate[] | undefined {
  if (value === undefined) return undefined
  try {
    if (!Array.isArray(value)) throw new TypeError('no list')
    return value.map((pem) => {
      if (typeof pem !== 'string') throw new TypeError('no text')
      return certificateOf(pem)
    })
  } catch {
    throw new ConfigurationError('invalid-option', `${factory}: "${option}" must be a list of certificates in PEM`)
  }
}
