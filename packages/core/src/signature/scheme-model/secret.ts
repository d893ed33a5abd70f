import { utf8 } from '../../bytes.js'
import { digest } from '../../crypto.js'
import { ConfigurationError } from '../../errors.js'
import { HmacKey } from '../../hmac-key.js'
import type { SecretKey } from './algorithm.js'
import { isPem, keyHandle, pemLabel, readPem } from './key-material.js'
import type { Scheme, SecretRule } from './scheme.js'

/**
 * Decodes a secret by the first of the scheme's rules that fits it.
 *
 * @param where how the complaint names the option; the secret itself is never in it.
 * @throws ConfigurationError where the secret is missing, blank, undecodable, or not as long as its rule says.
 */
export function decodeSecret(secret: unknown, scheme: Scheme, where: string, minimumBytes = 0): SecretKey {
  if (typeof secret !== 'string' || secret.trim() === '') {
    const came = typeof secret === 'string' ? 'a blank one' : secret === null ? 'null' : typeof secret
    throw invalid(`${where} must be a secret of ${scheme.name}, not ${came}`)
  }
  const rule = scheme.secrets.find((one) => isFor(one, secret))
  if (rule === undefined) {
    const kinds = scheme.secrets.map((one) => (one.prefix === undefined ? spelling(one) : `\`${one.prefix}…\``))
    throw invalid(`${where} must be ${kinds.join(' or ')}`)
  }
  const name = rule.prefix === undefined ? where : `${where} (\`${rule.prefix}…\`)`
  const bytes = decode(secret.slice(rule.prefix?.length ?? 0), rule)
  if (bytes === undefined) throw invalid(`${name} must be ${spelling(rule)}; this one cannot be decoded`)
  checkLength(bytes.length, rule, name, minimumBytes)
  const key: SecretKey = { kind: rule.kind, bytes, digest: digest('sha256', bytes), hmac: new HmacKey(bytes) }
  if (rule.kind === 'hmac' || rule.kind === 'text') return key
  const handle = keyHandle(rule.kind, bytes)
  if (handle === undefined) throw invalid(`${name} must be a key of ${rule.kind}; this one is none`)
  return { ...key, handle }
}

function isFor(rule: SecretRule, secret: string): boolean {
  if (rule.encoding === 'pem') return secret.trimStart().startsWith(`-----BEGIN ${pemLabel(rule.kind)}-----`)
  return secret.startsWith(rule.prefix ?? '') && (rule.prefix !== undefined || !isPem(secret))
}

function checkLength(length: number, rule: SecretRule, name: string, minimumBytes: number): void {
  const { minBytes = 1, maxBytes = Number.POSITIVE_INFINITY } = rule
  if (length < minBytes || length > maxBytes) {
    const range = minBytes === maxBytes ? `${minBytes}` : `${minBytes} to ${maxBytes}`
    throw invalid(`${name} must hold ${range} bytes, not ${length}`)
  }
  const isSecret = rule.kind === 'hmac' || rule.kind === 'text'
  if (isSecret && length < minimumBytes) {
    throw invalid(`${name} must hold at least ${minimumBytes} bytes (minimumSecretBytes), not ${length}`)
  }
}

/** Padding may be left out: a secret is written once, by the person who configures it, and has no second meaning. */
function decode(text: string, rule: SecretRule): Uint8Array | undefined {
  if (rule.kind === 'text' && !/^[!-~](?:[ -~]*[!-~])?$/.test(text)) return undefined
  switch (rule.encoding) {
    case 'utf8':
      return utf8(text)
    case 'pem':
      return readPem(text, rule.kind)
    case 'hex':
      return /^(?:[0-9A-Fa-f]{2})+$/.test(text) ? Buffer.from(text, 'hex') : undefined
    case 'base64': {
      const digits = text.replace(/={1,2}$/, '')
      const isWhole = digits.length % 4 !== 1 && (digits === text || text.length % 4 === 0)
      return isWhole && /^[A-Za-z0-9+/]+$/.test(digits) ? Buffer.from(digits, 'base64') : undefined
    }
  }
}

function spelling(rule: SecretRule): string {
  if (rule.kind === 'text') return 'visible ASCII, as a header field can carry it'
  if (rule.encoding === 'pem') return `a ${pemLabel(rule.kind).toLowerCase()} in PEM`
  return rule.encoding === 'utf8' ? 'a text' : rule.encoding
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError('invalid-option', message)
}
