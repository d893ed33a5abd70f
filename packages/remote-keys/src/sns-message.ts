import { readObject } from './json-object.js'

/** What a message of Amazon SNS says that is signed. Nothing else in its body is, attributes and `UnsubscribeURL` included. */
export interface SnsMessage {
  readonly type: 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation'
  readonly messageId: string
  readonly topicArn: string
  readonly message: string
  /** `undefined` where there is none. */
  readonly subject: string | undefined
  /** As it was sent: RFC 3339 in UTC. */
  readonly timestamp: string
  /** Of the two confirmations. */
  readonly token: string | undefined
}

/** A message as it came, with what its signature says about itself. */
export interface SignedSnsMessage {
  readonly message: SnsMessage
  /** The exact text that is signed. */
  readonly content: string
  readonly version: string
  readonly signature: string
  readonly certUrl: string
}

/** Members in the order in which they are signed (AWS, "Verifying the signatures of Amazon SNS messages"). */
const signed = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
} as const

/** Whether a text names a kind of message that Amazon SNS sends. */
export function isSnsType(text: unknown): text is SnsMessage['type'] {
  return typeof text === 'string' && Object.hasOwn(signed, text)
}

/**
 * Reads a body of Amazon SNS; `undefined` where it is none.
 *
 * Names and values are signed as lines, and a message may hold lines of its own. So everything else has to be one line: then the
 * text can be taken apart from its end in one way only, and nobody who has words in a message can make others of it.
 */
export function readSnsMessage(body: Uint8Array): SignedSnsMessage | undefined {
  const members = readObject(body)
  const kind = members?.get('Type')
  if (members === undefined || !isSnsType(kind)) return undefined
  const text = (name: string) => {
    const value = members.get(name)
    return typeof value === 'string' ? value : undefined
  }
  if (members.has('Subject') && text('Subject') === undefined) return undefined
  const names = signed[kind].filter((name) => name !== 'Subject' || members.has(name))
  const values = names.map((name) => [name, text(name)] as const)
  const isPossible = values.every(([name, value]) => value !== undefined && (name === 'Message' || isLine(value)))
  const [version, signature, certUrl] = ['SignatureVersion', 'Signature', 'SigningCertURL'].map(text)
  if (!isPossible || version === undefined || signature === undefined || certUrl === undefined) return undefined
  return {
    message: {
      type: kind,
      messageId: text('MessageId')!,
      topicArn: text('TopicArn')!,
      message: text('Message')!,
      subject: text('Subject'),
      timestamp: text('Timestamp')!,
      token: kind === 'Notification' ? undefined : text('Token')!,
    },
    content: signedText(values as readonly (readonly [string, string])[]),
    version,
    signature,
    certUrl,
  }
}

/** What Amazon SNS signs of these members. */
export function snsContent(type: SnsMessage['type'], members: Readonly<Record<string, string | undefined>>): string {
  return signedText(
    signed[type].flatMap((name) => (members[name] === undefined ? [] : [[name, members[name]] as const])),
  )
}

function signedText(members: readonly (readonly [string, string])[]): string {
  return members.map(([name, value]) => `${name}\n${value}\n`).join('')
}

function isLine(value: string): boolean {
  return /^[^\p{Cc}\p{Cs}]{1,2048}$/u.test(value)
}
