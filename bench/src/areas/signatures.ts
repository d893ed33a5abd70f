import { createPublicKey, timingSafeEqual, verify as verifyBare } from 'node:crypto'
import {
  type BoundScheme,
  defineScheme,
  discord,
  github,
  grantLedger,
  sendgrid,
  signature,
  standardWebhooks,
  stripe,
  verify,
} from '@latchkey/core'
import type { Area, Effort } from '../area.js'
import { type Delivery, deliveryOf, jsonOf, type KeyPair, keyPairs, plainHmac } from '../deliveries.js'
import { HexFloor, TimedFloor } from '../floors/signature-floor.js'
import { guardRequest } from '../guard-requests.js'
import type { Contender } from '../interleave.js'
import { octokit, standardWebhooksPeers, stripe as stripePeer } from '../peers/signature-peers.js'
import { type RatioGoal, timedGroup } from '../timed-group.js'

const sizes = [
  { title: '1 KiB', bytes: 1024 },
  { title: '64 KiB', bytes: 65_536 },
  { title: '1 MiB', bytes: 1_048_576 },
] as const

const secret = 'the secret of the bench, for it '
const encodedSecret = `whsec_${Buffer.from(secret).toString('base64')}`

/** Verifying webhooks by size of the body: HMACs against Node's own and against other libraries, key pairs against Node's own. */
export const signatures: Area = async function* (effort) {
  for (const { title, bytes } of sizes) {
    const body = jsonOf(bytes)
    yield await ofGithub(title, body, effort)
    yield await ofStripe(title, body, effort)
    yield await ofStandardWebhooks(title, body, effort)
  }
  const pairs = keyPairs()
  for (const { title, bytes } of sizes.slice(0, 2)) {
    const body = jsonOf(bytes)
    yield await ofKeyPair('Ed25519', title, discord, pairs.ed25519, body, effort)
    yield await ofKeyPair('ECDSA on P-256', title, sendgrid, pairs.p256, body, effort)
    yield await ofKeyPair('RSA of 2048 bits', title, rsa, pairs.rsa, body, effort)
  }
}

function ofGithub(title: string, body: Buffer, effort: Effort) {
  const scheme = github({ secrets: [secret] })
  const delivery = deliveryOf(scheme, secret, body)
  const field = delivery.headers['x-hub-signature-256']!
  const plain = plainly(() => timingSafeEqual(plainHmac(secret, '', body), Buffer.from(field.slice(7), 'hex')))
  const best = new HexFloor(secret)
  const peer = octokit(secret, delivery)
  const ours = ourOwn(scheme, delivery)
  const goals = [{ of: ours[0].name, to: plain.name, atMost: body.length > 4096 ? 1.05 : 0.75 }]
  return timedGroup(
    `A delivery of GitHub, ${title}`,
    [plain, leastWork(() => best.verify(body, field)), ...ours, peer],
    goals,
    effort,
  )
}

function ofStripe(title: string, body: Buffer, effort: Effort) {
  const scheme = stripe({ secrets: [secret] })
  const delivery = deliveryOf(scheme, secret, body)
  const field = delivery.headers['stripe-signature']!
  const { timestamp, shown } = /^t=(?<timestamp>\d+),v1=(?<shown>.*)$/.exec(field)!.groups as Record<string, string>
  const head = `${timestamp}.`
  const plain = plainly(() => timingSafeEqual(plainHmac(secret, head, body), Buffer.from(shown!, 'hex')))
  const best = new TimedFloor(secret, 'hex')
  const ours = ourOwn(scheme, delivery)
  return timedGroup(
    `A delivery of Stripe, ${title}`,
    [plain, leastWork(() => best.verify(head, timestamp!, body, shown!)), ...ours, stripePeer(secret, delivery)],
    [],
    effort,
  )
}

function ofStandardWebhooks(title: string, body: Buffer, effort: Effort) {
  const scheme = standardWebhooks({ secrets: [encodedSecret] })
  const delivery = deliveryOf(scheme, encodedSecret, body)
  const timestamp = delivery.headers['webhook-timestamp']!
  const shown = delivery.headers['webhook-signature']!.slice(3)
  const head = `${delivery.headers['webhook-id']}.${timestamp}.`
  const plain = plainly(() => timingSafeEqual(plainHmac(secret, head, body), Buffer.from(shown, 'base64')))
  const best = new TimedFloor(secret, 'base64')
  const ours = ourOwn(scheme, delivery)
  const peers = standardWebhooksPeers(encodedSecret, delivery)
  const atMost = body.length > 4096 ? 0.1 : 1 / 6
  const goals = peers.map((peer): RatioGoal => ({ of: ours[0].name, to: peer.name, atMost }))
  return timedGroup(
    `A delivery of Standard Webhooks, ${title}`,
    [plain, leastWork(() => best.verify(head, timestamp, body, shown)), ...ours, ...peers],
    goals,
    effort,
  )
}

/** RSA as in {@link sendgrid}, which no preset has by itself. */
const rsa = defineScheme({
  name: 'bench-rsa',
  carriers: [
    {
      signature: 'x-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'rsa-v1_5-sha256', encoding: 'base64' }],
      timestamp: { header: 'x-timestamp' },
    },
  ],
  content: ['timestamp', 'body'],
  timestamp: { unit: 's', toleranceSeconds: 300 },
  secrets: [
    { encoding: 'pem', kind: 'rsa-public' },
    { encoding: 'pem', kind: 'rsa-private' },
  ],
})

function ofKeyPair(
  algorithm: string,
  title: string,
  preset: typeof sendgrid,
  pair: KeyPair,
  body: Buffer,
  effort: Effort,
) {
  const scheme = preset({ secrets: [pair.publicKey] })
  const delivery = deliveryOf(scheme, pair.privateKey, body)
  const fields = Object.entries(delivery.headers)
  const timestampField = fields.find(([name]) => name.endsWith('timestamp'))![1]
  const signatureField = fields.find(([name]) => !name.endsWith('timestamp'))![1]
  const key = createPublicKey(pair.publicKey)
  const content = Buffer.concat([Buffer.from(timestampField), body])
  const shown = Buffer.from(signatureField, algorithm === 'Ed25519' ? 'hex' : 'base64')
  const bare = {
    name: 'crypto.verify()',
    kind: 'floor',
    remark: 'of bytes that are put together and decoded beforehand',
    run: () => verifyBare(algorithm === 'Ed25519' ? null : 'sha256', content, key, shown),
  } as const
  const ours = ourOwn(scheme, delivery)
  return timedGroup(
    `${algorithm}, ${title}`,
    [bare, ...ours],
    [{ of: ours[0].name, to: bare.name, atMost: 1.1 }],
    effort,
  )
}

const plainly = (run: () => boolean) =>
  ({ name: 'createHmac, timingSafeEqual', kind: 'floor', remark: 'no syntax, no tolerance', run: right(run) }) as const

const leastWork = (run: () => boolean) =>
  ({ name: 'least work', kind: 'bare', remark: 'a short body by two one-shot hashes', run: right(run) }) as const

/** A contender that refuses what is right measures nothing. */
function right(run: () => boolean): () => boolean {
  if (!run()) throw new Error('a genuine delivery was refused')
  return run
}

function ourOwn(scheme: BoundScheme, { headers, body }: Delivery): readonly [Contender, Contender] {
  const message = { headers, body }
  const guard = signature({ scheme, replay: false })
  const request = guardRequest('POST', headers, body)
  const ledger = grantLedger()
  return [
    {
      name: 'Latchkey verify()',
      kind: 'latchkey',
      run: async () => {
        const { isValid } = await verify(scheme, message)
        if (!isValid) throw new Error('Latchkey refused a genuine delivery')
      },
    },
    {
      name: 'Latchkey signature() guard',
      kind: 'latchkey',
      remark: 'without the replay window',
      run: async () => {
        const { kind } = await guard(request, ledger)
        if (kind !== 'pass') throw new Error('Latchkey refused a genuine delivery')
      },
    },
  ]
}
