import autocannon from 'autocannon'
import { paymentText } from '../payment.js'
import { delivery, sharedKeys } from './fixtures.js'
import type { Task } from './task.js'

const connections = 32

/** What a load asks for, as autocannon takes it. */
type Asked = Pick<autocannon.Options, 'requests' | 'method' | 'body' | 'headers'>

export interface Measured {
  readonly perSecond: number
  readonly p99Ms: number
}

/** Sends so many requests over 32 connections, the next one of each as soon as the one before is answered. */
export async function load(url: string, asked: Asked, amount: number): Promise<Measured> {
  const beganMs = performance.now()
  let lastMs = beganMs
  const { errors, non2xx, latency } = await new Promise<autocannon.Result>((resolve, reject) => {
    const done = (error: unknown, result: autocannon.Result) => (error ? reject(error) : resolve(result))
    // It ends with the second, not with the last answer.
    autocannon({ url, connections, amount, ...asked }, done).on('response', () => {
      lastMs = performance.now()
    })
  })
  if (errors > 0 || non2xx > 0) throw new Error(`${errors} requests failed, ${non2xx} were refused`)
  return { perSecond: (amount / (lastMs - beganMs)) * 1000, p99Ms: latency.p99 }
}

let keysMade = 0

/** The requests of a task. `new`: each has an idempotency key of its own; `replay`: 64 keys, over and over. */
export async function askedBy(task: Task, keys: 'new' | 'replay' = 'new'): Promise<Asked> {
  if (task === 'keys') {
    const { texts } = await sharedKeys()
    return { requests: texts.map((key) => ({ headers: { authorization: `Bearer ${key}` } })) }
  }
  if (task === 'signatures') {
    const { headers, body } = delivery('msg_2KWPBgLlAfxdpx2AI54pPJ85f4W')
    return { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body }
  }
  if (keys === 'replay') return { requests: replayed.map(paymentUnder) }
  const setupRequest = (request: autocannon.Request) => ({
    ...request,
    ...paymentUnder(`key-${process.pid}-${keysMade++}`),
  })
  return { requests: [{ ...paymentUnder('first'), setupRequest }] }
}

const replayed = Array.from({ length: 64 }, (_, at) => `again-${at}`)

function paymentUnder(key: string) {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key }
  return { method: 'POST', headers, body: paymentText } as const
}

/** Sends what is replayed later, one request after the other. */
export async function sendFirst(url: string): Promise<void> {
  for (const key of replayed) {
    const { status } = await fetch(url, paymentUnder(key))
    if (status !== 201) throw new Error(`the first request with a key was answered with ${status}`)
  }
}
