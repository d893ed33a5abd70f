import type { Guard, Store } from '@latchkey/core'
import {
  fusionAuth,
  googlePubSub,
  jwtSignature,
  netlify,
  paypal,
  plaid,
  type RemoteGrant,
  remoteJwks,
  sns,
} from '@latchkey/remote-keys'
import { keyHost } from './key-host.js'
import { labCertificates } from './lab-certificates.js'
import type { GuardSettings } from './options.js'

/** Guards by the last segment of their route. */
export type RemoteHooks = Readonly<Record<string, Guard<RemoteGrant>>>

/** The hooks of senders whose keys are fetched; the hosts of keys are the lab's own. */
export function remoteHooks(
  store: Store,
  problemBaseUrl: string,
  settings: GuardSettings['signature'] = {},
): RemoteHooks {
  const { secrets = {}, now, policy: _, keyHost: trouble, toleranceSeconds: __, publicUrl: ___, ...rest } = settings
  const clock = now === undefined ? {} : { now: () => now * 1000 }
  const common = { problemBaseUrl, ...rest, ...clock, store }
  const host = { keyHost: { fetch: keyHost(trouble) } }
  const set = { fetch: keyHost(trouble), ...clock }
  const serviceAccount = 'lab@project.iam.gserviceaccount.com'
  return {
    paypal: paypal({ ...common, ...host, webhookId: 'LABWEBHOOK', roots: [labCertificates.root] }),
    sns: sns({ ...common, ...host, topicArns: ['arn:aws:sns:us-east-1:123456789012:lab'] }),
    plaid: plaid({
      ...common,
      ...host,
      clientId: 'lab-client',
      secret: 'lab-secret-plaid',
      environment: 'production',
    }),
    fusionauth: jwtSignature({
      ...common,
      ...fusionAuth,
      algorithms: ['RS256'],
      publicKeys: remoteJwks('https://auth.lab.test/.well-known/jwks.json', set),
    }),
    netlify: jwtSignature({ ...common, ...netlify, secrets: secrets.netlify ?? ['lab-secret-netlify'] }),
    'google-pubsub': jwtSignature({
      ...common,
      ...googlePubSub({ audience: 'https://lab.test/hooks/google-pubsub', serviceAccount }, set),
    }),
  }
}
