import assert from 'node:assert/strict'
import { createHmac, createPublicKey } from 'node:crypto'
import { type Answer, call } from '../call.js'
import { invalid, isVerified, replayed, unavailable } from '../deliveries.js'
import { isRefusal, refused } from '../expectations.js'
import { type AdapterCase, type Lab, under } from '../lab.js'
import { labKeys } from '../lab-keys.js'
import { type Otherwise, type Post, remoteSenders } from '../remote-senders.js'

type Sender = keyof typeof remoteSenders

const names = Object.keys(remoteSenders) as Sender[]
/** Those whose signature is over the body, one way or another. */
const signing = names.filter((name) => name !== 'google-pubsub')
/** Those that sign a time. */
const timed = ['paypal', 'sns', 'plaid', 'google-pubsub'] as const

function post(lab: Lab, name: string, { headers, body }: Post, query = ''): Promise<Answer> {
  const type = String(headers['content-type'])
  return call(lab, `POST /hooks/${name}${query}`, { headers, body, type })
}

const oneChanged = (body: Buffer) =>
  Buffer.from(body.toString().replace(/"id"|"Message"/, (name) => `${name.slice(0, -1)}X"`))

/** Every sender, the same way. */
const everySender = names.flatMap((name): readonly AdapterCase[] => [
  {
    name: `${name}: what its sender signs is handled, and read as it was sent`,
    run: async (lab) => {
      const sent = remoteSenders[name]()
      isVerified(await post(lab, name, sent), sent.body)
    },
  },
  {
    name: `${name}: without any field of the credential, or with it twice, it is refused`,
    run: async (lab) => {
      const { headers, body } = remoteSenders[name]()
      for (const field of Object.keys(headers).filter(
        (each) => each !== 'content-type' && each !== 'x-amz-sns-message-id',
      )) {
        const { [field]: value, ...others } = headers
        isRefusal(await post(lab, name, { headers: others, body }), invalid)
        const twice = { ...others, [field]: [String(value), String(value)] }
        isRefusal(await post(lab, name, { headers: twice, body }), invalid)
      }
      isVerified(await post(lab, name, { headers, body }), body)
    },
  },
  ...under(
    { signature: { keyHost: 'fail' } },
    name === 'netlify'
      ? []
      : [
          {
            name: `${name}: while its keys cannot be had nothing is handled`,
            run: async (lab) => isRefusal(await post(lab, name, remoteSenders[name]()), unavailable),
          },
        ],
  ),
  ...under(
    { signature: { keyHost: 'hang', secretsTimeoutSeconds: 0.1 } },
    name === 'netlify'
      ? []
      : [
          {
            name: `${name}: a host of keys that never answers is not waited for`,
            run: async (lab) => isRefusal(await post(lab, name, remoteSenders[name]()), unavailable),
          },
        ],
  ),
])

const everySigner = signing.flatMap((name): readonly AdapterCase[] => [
  {
    name: `${name}: another body is refused, and uses nothing up`,
    run: async (lab) => {
      const { headers, body } = remoteSenders[name]()
      for (const other of [oneChanged(body), Buffer.concat([Buffer.from('\ufeff'), body]), body.subarray(0, -1)]) {
        isRefusal(await post(lab, name, { headers, body: other }), invalid)
      }
      isVerified(await post(lab, name, { headers, body }), body)
    },
  },
  {
    name: `${name}: once it was handled it is refused, and after a failure it is let in again`,
    run: async (lab) => {
      const sent = remoteSenders[name]()
      assert.equal((await post(lab, name, sent, '?status=500')).status, 500)
      isVerified(await post(lab, name, sent), sent.body)
      isRefusal(await post(lab, name, sent), replayed)
    },
  },
  {
    name: `${name}: of 100 copies at once one is handled`,
    run: async (lab) => {
      const sent = remoteSenders[name]()
      const answers = await Promise.all(Array.from({ length: 100 }, () => post(lab, name, sent, '?delayMs=20')))
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      for (const { status } of answers) assert.ok(status === 200 || status === 409, String(status))
    },
  },
])

const tooLarge = signing
  .filter((name) => name !== 'sns')
  .map(
    (name): AdapterCase => ({
      name: `${name}: a body over 1 MiB is refused, and with a credential that is wrong in itself it is not even read`,
      run: async (lab) => {
        const body = Buffer.alloc(1024 * 1024 + 1, 32)
        const sent = remoteSenders[name]({ body })
        isRefusal(await post(lab, name, sent), refused.tooLarge)
        isRefusal(await post(lab, name, { headers: { 'content-type': 'application/json' }, body }), invalid)
      },
    }),
  )

const ages = under(
  { signature: { now: 1_700_000_000 } },
  timed.map(
    (name): AdapterCase => ({
      name: `${name}: is refused when it is too old, or ahead of its time`,
      run: async (lab) => {
        const most = { paypal: 259_200, sns: 3900, plaid: 300, 'google-pubsub': 3600 }[name]
        for (const [off, isIn] of [
          [-most - 1, false],
          [-most, true],
          [300, true],
          [301, false],
        ] as const) {
          const sent = remoteSenders[name]({ at: 1_700_000_000 + off })
          const answer = await post(lab, name, sent)
          if (isIn) isVerified(answer, sent.body)
          else isRefusal(answer, invalid)
        }
      },
    }),
  ),
)

/** Where a certificate must not be looked for. */
const elsewhere = (genuine: string): readonly string[] => {
  const { host, pathname } = new URL(genuine)
  return [
    genuine.replace('https:', 'http:'),
    genuine.replace(host, `${host}.evil.test`),
    genuine.replace(host, `${host}:444`),
    genuine.replace(host, `${host}:443`),
    genuine.replace(host, `user@${host}`),
    genuine.replace(host, `evil.test\\@${host}`),
    genuine.replace(host, `evil.test#@${host}`),
    genuine.replace(host, `evil-${host}`),
    genuine.replace(host, host.toUpperCase()),
    genuine.replace(host, host.replace('.', '。')),
    genuine.replace(host, `${host}.`),
    `https://127.0.0.1${pathname}`,
    `https://[::1]${pathname}`,
    `https://evil.test/${genuine}`,
    `${genuine}?x=1`,
    `${genuine}#x`,
    `${genuine}/../x.pem`,
    genuine.replace(pathname, `/..${pathname}`),
    genuine.replace(pathname, `/%2e%2e${pathname}`),
    ` ${genuine}`,
    `file://${pathname}`,
    'data:text/plain,x',
    '',
  ]
}

/** Whether all of these are refused, and alike. */
async function areRefused(lab: Lab, name: Sender, posts: readonly Post[]): Promise<void> {
  const answers = await Promise.all(posts.map((each) => post(lab, name, each)))
  for (const answer of answers) isRefusal(answer, invalid)
  assert.equal(new Set(answers.map((answer) => answer.body.toString())).size, 1)
}

const certificates: readonly AdapterCase[] = [
  {
    name: 'paypal: a certificate that is said to be elsewhere is not looked for',
    run: async (lab) => {
      // What a field cannot carry, or is trimmed of.
      const urls = elsewhere('https://api.paypal.com/v1/notifications/certs/CERT-lab').filter((url) =>
        /^[!-~]*$/.test(url),
      )
      const more = [
        'https://api.paypal.com/v2/notifications/certs/CERT-lab',
        'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-lab',
      ]
      await areRefused(
        lab,
        'paypal',
        [...urls, ...more].map((url) => remoteSenders.paypal({ fields: { 'paypal-cert-url': url } })),
      )
    },
  },
  {
    name: 'paypal: another algorithm, time, id or certificate is refused',
    run: async (lab) => {
      const wrong: readonly Otherwise[] = [
        { fields: { 'paypal-auth-algo': 'SHA1withRSA' } },
        { fields: { 'paypal-auth-algo': 'sha256withrsa' } },
        { fields: { 'paypal-transmission-time': '2026-01-01T00:00:00Z' } },
        { fields: { 'paypal-transmission-time': 'now' } },
        { fields: { 'paypal-transmission-id': 'other' } },
        { id: 'a|b' },
        { fields: { 'paypal-transmission-sig': 'AAAA' } },
        { fields: { 'paypal-transmission-sig': '' } },
        { fields: { 'paypal-cert-url': 'https://api.paypal.com/v1/notifications/certs/CERT-other' } },
      ]
      await areRefused(lab, 'paypal', wrong.map(remoteSenders.paypal))
    },
  },
  {
    name: 'sns: a certificate that is said to be elsewhere is not looked for',
    run: async (lab) => {
      const genuine = 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-lab.pem'
      const more = [
        'https://sns.us-east-2.amazonaws.com/SimpleNotificationService-lab.pem',
        'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-lab.cer',
        'https://s3.us-east-1.amazonaws.com/SimpleNotificationService-lab.pem',
        'https://sns.us-east-1.amazonaws.com.cn/SimpleNotificationService-lab.pem',
      ]
      await areRefused(
        lab,
        'sns',
        [...elsewhere(genuine), ...more].map((url) => remoteSenders.sns({ fields: { SigningCertURL: url } })),
      )
    },
  },
  {
    name: 'sns: another topic, an older signature, and what is not one JSON object are refused',
    run: async (lab) => {
      const { headers, body } = remoteSenders.sns()
      const text = body.toString()
      const bodies = [
        `\ufeff${text}`,
        `[${text}]`,
        `${text}${text}`,
        text.replace('{', '{"Message":"first",'),
        text.replace('{', '{"\\u004dessage":"first",'),
        text.replace(/}$/, ',"Type":"Notification"}'),
        text.replace('"Subject":"from the suite"', '"Subject":null'),
        text.replace('"Subject":"from the suite",', ''),
        text.replace('"Notification"', '"SubscriptionConfirmation"'),
        '{}',
        'null',
        '',
      ]
      const wrong = [
        remoteSenders.sns({ fields: { topic: 'arn:aws:sns:us-east-1:123456789012:other' } }),
        remoteSenders.sns({ fields: { version: '1' } }),
        remoteSenders.sns({ fields: { version: '3' } }),
        ...bodies.map((each) => ({ headers, body: Buffer.from(each) })),
        { headers: { ...headers, 'x-amz-sns-topic-arn': 'arn:aws:sns:us-east-1:123456789012:other' }, body },
      ]
      await areRefused(lab, 'sns', wrong)
      isVerified(await post(lab, 'sns', { headers, body }), body)
    },
  },
]

/** A token that is signed with the public key as if it were a secret. */
function confused({ headers, body }: Post, field: string): Post {
  const [, claims] = String(headers[field]).split('.')
  const header = Buffer.from('{"alg":"HS256","kid":"lab-key"}').toString('base64url')
  const pem = String(createPublicKey(labKeys.rsa).export({ format: 'pem', type: 'spki' }))
  const mac = createHmac('sha256', pem).update(`${header}.${claims}`).digest('base64url')
  return { headers: { ...headers, [field]: `${header}.${claims}.${mac}` }, body }
}

const tokens: readonly AdapterCase[] = [
  {
    name: 'plaid: another algorithm, key, or digest, and no time of issue are refused',
    run: async (lab) => {
      const wrong: readonly Otherwise[] = [
        { protectedHeader: { alg: 'none' } },
        { protectedHeader: { alg: 'HS256' } },
        { protectedHeader: { alg: 'RS256' } },
        { protectedHeader: { kid: 'other-key' } },
        { protectedHeader: { kid: undefined } },
        { protectedHeader: { kid: '../lab-key' } },
        { protectedHeader: { kid: 'other-key', jwk: createPublicKey(labKeys.p256).export({ format: 'jwk' }) } },
        { protectedHeader: { crit: ['x'], x: 1 } },
        { fields: { request_body_sha256: undefined } },
        { fields: { request_body_sha256: 'a' } },
        { fields: { iat: undefined } },
        { fields: { iat: '1700000000' } },
      ]
      await areRefused(lab, 'plaid', wrong.map(remoteSenders.plaid))
    },
  },
  {
    name: 'fusionauth, netlify, google-pubsub: a public key is no secret, and no token vouches for itself',
    run: async (lab) => {
      const none = { protectedHeader: { alg: 'none' } }
      await areRefused(lab, 'fusionauth', [
        confused(remoteSenders.fusionauth(), 'x-fusionauth-signature-jwt'),
        remoteSenders.fusionauth(none),
        remoteSenders.fusionauth({ protectedHeader: { kid: 'other-key' } }),
        remoteSenders.fusionauth({ fields: { exp: 1_600_000_000 } }),
      ])
      await areRefused(lab, 'netlify', [
        remoteSenders.netlify(none),
        remoteSenders.netlify({ protectedHeader: { alg: 'RS256' } }),
        remoteSenders.netlify({ fields: { iss: 'other' } }),
        remoteSenders.netlify({ fields: { iss: undefined } }),
        remoteSenders.netlify({ fields: { sha256: '' } }),
      ])
      await areRefused(lab, 'google-pubsub', [
        remoteSenders['google-pubsub'](none),
        remoteSenders['google-pubsub']({ fields: { aud: 'https://other.test' } }),
        remoteSenders['google-pubsub']({ fields: { email: 'other@project.iam.gserviceaccount.com' } }),
        remoteSenders['google-pubsub']({ fields: { email_verified: 'true' } }),
        remoteSenders['google-pubsub']({ fields: { iss: 'https://accounts.evil.test' } }),
        remoteSenders['google-pubsub']({ fields: { exp: undefined } }),
      ])
    },
  },
]

/** Senders whose keys are fetched. */
export const remoteSignatureCases: readonly AdapterCase[] = [
  ...everySender,
  ...everySigner,
  ...tooLarge,
  ...ages,
  ...certificates,
  ...tokens,
]
