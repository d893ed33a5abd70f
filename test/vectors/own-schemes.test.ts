import { readFileSync } from 'node:fs'
import { type SignatureVector, vectorSuite } from '@latchkey/conformance'
import { defineScheme, type Scheme } from '@latchkey/core'

const text = [{ encoding: 'utf8', kind: 'hmac' }] as const
const sha256 = { algorithm: 'hmac-sha256', encoding: 'hex' } as const

/** Providers that have no preset yet, each for something that no preset does: what a user can write without us. */
const own: readonly Scheme[] = [
  {
    // Another separator and another name of the time.
    name: 'paddle',
    carriers: [
      {
        signature: 'paddle-signature',
        syntax: { form: 'pairs', separator: ';' },
        variants: [{ label: 'h1', ...sha256 }],
        timestamp: { element: 'ts' },
      },
    ],
    content: ['timestamp', { literal: ':' }, 'body'],
    timestamp: { unit: 's', toleranceSeconds: 300 },
    secrets: text,
  },
  {
    // Unpadded base64url, and milliseconds.
    name: 'sanity',
    carriers: [
      {
        signature: 'sanity-webhook-signature',
        syntax: { form: 'pairs', separator: ',' },
        variants: [{ label: 'v1', algorithm: 'hmac-sha256', encoding: 'base64url' }],
        timestamp: { element: 't' },
      },
    ],
    content: ['timestamp', { literal: '.' }, 'body'],
    timestamp: { unit: 'ms', toleranceSeconds: 300 },
    secrets: text,
  },
  {
    // Two signature fields, an RFC 3339 time after the body, and fields that must say one thing.
    name: 'box',
    carriers: [
      {
        signature: ['box-signature-primary', 'box-signature-secondary'],
        syntax: { form: 'bare' },
        variants: [{ algorithm: 'hmac-sha256', encoding: 'base64' }],
        timestamp: { header: 'box-delivery-timestamp' },
        id: { header: 'box-delivery-id' },
        fixed: { 'box-signature-version': '1', 'box-signature-algorithm': 'HmacSHA256' },
      },
    ],
    content: ['body', 'timestamp'],
    timestamp: { unit: 'rfc3339', toleranceSeconds: 600 },
    secrets: text,
  },
  {
    // The time stands in the signed body.
    name: 'linear',
    carriers: [
      {
        signature: 'linear-signature',
        syntax: { form: 'bare' },
        variants: [sha256],
        timestamp: { body: ['webhookTimestamp'] },
      },
    ],
    content: ['body'],
    timestamp: { unit: 'ms', toleranceSeconds: 60 },
    secrets: text,
  },
  {
    // A public key in hex.
    name: 'discord',
    carriers: [
      {
        signature: 'x-signature-ed25519',
        syntax: { form: 'bare' },
        variants: [{ algorithm: 'ed25519', encoding: 'hex' }],
        timestamp: { header: 'x-signature-timestamp' },
      },
    ],
    content: ['timestamp', 'body'],
    timestamp: { unit: 's', toleranceSeconds: 300 },
    secrets: [{ encoding: 'hex', kind: 'ed25519-public', minBytes: 32, maxBytes: 32 }],
  },
  {
    // Method and URL are signed.
    name: 'hubspot-v3',
    carriers: [
      {
        signature: 'x-hubspot-signature-v3',
        syntax: { form: 'bare' },
        variants: [{ algorithm: 'hmac-sha256', encoding: 'base64' }],
        timestamp: { header: 'x-hubspot-request-timestamp' },
      },
    ],
    content: ['method', 'url', 'body', 'timestamp'],
    timestamp: { unit: 'ms', toleranceSeconds: 300 },
    secrets: text,
  },
  {
    // A key in hex.
    name: 'adyen-raw',
    carriers: [
      {
        signature: 'hmacsignature',
        syntax: { form: 'bare' },
        variants: [{ algorithm: 'hmac-sha256', encoding: 'base64' }],
      },
    ],
    content: ['body'],
    secrets: [{ encoding: 'hex', kind: 'hmac' }],
  },
]

const file = new URL('./signatures.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as readonly SignatureVector[]
const names = new Set(own.map(({ name }) => name))

vectorSuite(
  'schemes of one’s own',
  vectors.filter(({ scheme }) => names.has(scheme)),
  {
    schemes: Object.fromEntries(
      own.map((scheme) => [scheme.name, (secrets: readonly string[]) => defineScheme(scheme)({ secrets })]),
    ),
  },
)
