/** A topic of Amazon SNS. */
export interface TopicArn {
  readonly arn: string
  /** The one host that signs for the topic, confirms its subscriptions and keeps the certificate. */
  readonly host: string
  /** What the certificate may be called: AWS's regions differ in that. */
  readonly certificateNames: readonly string[]
}

const arns = /^arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?$/

/** What an ARN says, or `undefined` where it is none of a topic in AWS, AWS China or GovCloud. */
export function topicArn(arn: unknown): TopicArn | undefined {
  const match = typeof arn === 'string' ? arns.exec(arn) : null
  if (match === null) return undefined
  const [whole, partition, region = ''] = match
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
  return {
    arn: whole,
    host: `sns.${region}.${domain}`,
    certificateNames: [
      'sns.amazonaws.com',
      `sns.${region}.${domain}`,
      `sns-${region}.${domain}`,
      `sns-signing.${region}.${domain}`,
      ...(partition === 'aws-us-gov' ? ['sns-us-gov-west-1.amazonaws.com'] : []),
    ],
  }
}
