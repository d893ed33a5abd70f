import { Agent, request } from 'node:http'
import { sign, standardWebhooks } from '@latchkey/core'
import { webhookSecret } from './soak-apps.js'

interface Message {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** What a request has to be answered with; `gone`: its client does not wait for it. */
type Expected = number | 'gone'

const scheme = standardWebhooks({ secrets: [webhookSecret] })
const payment = JSON.stringify({ amount: 1999, currency: 'EUR', note: 'x'.repeat(150) })

/** All that clients of a guarded service do, in turns: what is right, what is repeated, what is wrong, and what is given up. */
export class Traffic {
  readonly #port: number
  readonly #key: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 })
  readonly #unexpected: string[] = []
  #made = 0
  #times: number[] = []

  constructor(port: number, key: string) {
    this.#port = port
    this.#key = key
  }

  /** Answers that should have been others, the first few. */
  get unexpected(): readonly string[] {
    return this.#unexpected
  }

  get requests(): number {
    return this.#made
  }

  /** Sends, eight at a time, for so long; answers the time that 99 of a hundred were answered in. */
  async flow(milliseconds: number): Promise<number> {
    this.#times = []
    const untilMs = performance.now() + milliseconds
    const client = async () => {
      while (performance.now() < untilMs) await this.#next()
    }
    await Promise.all(Array.from({ length: 8 }, client))
    return this.#times.sort((a, b) => a - b)[Math.floor(this.#times.length * 0.99)] ?? 0
  }

  close(): void {
    this.#agent.destroy()
  }

  async #next(): Promise<void> {
    const turn = this.#made++
    const bearer = { authorization: `Bearer ${this.#key}` }
    const id = `id-${turn}`
    switch (turn % 8) {
      case 0:
        return this.#send({ method: 'GET', path: '/keys', headers: bearer }, 200)
      case 1:
        return this.#send({ method: 'GET', path: '/keys', headers: { authorization: 'Bearer hunter2' } }, 401)
      case 2:
      case 3:
        await this.#send(paymentUnder(id, bearer), 201)
        return this.#send(paymentUnder(id, bearer), 201)
      case 4:
        return this.#send({ ...paymentUnder(id, bearer), headers: bearer }, 400)
      case 5:
        return this.#send(paymentUnder(id, bearer), 'gone')
      case 6:
        return this.#send(delivery(id), 204)
      default: {
        const { headers, ...rest } = delivery(id)
        return this.#send({ ...rest, headers: { ...headers, 'webhook-id': 'another' } }, 401)
      }
    }
  }

  #send({ method, path, headers, body }: Message, expected: Expected): Promise<void> {
    const began = performance.now()
    return new Promise((resolve) => {
      const fields = body === undefined ? headers : { 'content-type': 'application/json', ...headers }
      const sent = request({ port: this.#port, agent: this.#agent, method, path, headers: fields }, (response) => {
        response.resume().on('close', () => {
          this.#times.push(performance.now() - began)
          if (expected !== 'gone' && response.statusCode !== expected) {
            if (this.#unexpected.length < 5) this.#unexpected.push(`${method} ${path}: ${response.statusCode}`)
          }
          resolve()
        })
      })
      sent.on('error', (error) => {
        if (expected !== 'gone' && this.#unexpected.length < 5) this.#unexpected.push(`${method} ${path}: ${error}`)
        resolve()
      })
      sent.end(body)
      if (expected === 'gone') sent.on('socket', () => setImmediate(() => sent.destroy()))
    })
  }
}

function paymentUnder(key: string, headers: Readonly<Record<string, string>>): Message {
  return { method: 'POST', path: '/payments', headers: { ...headers, 'idempotency-key': key }, body: payment }
}

function delivery(id: string): Message {
  return { method: 'POST', path: '/hooks', headers: sign(scheme, { id, body: payment }, webhookSecret), body: payment }
}
