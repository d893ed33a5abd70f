import { createHmac } from 'node:crypto'
import type { RunningLab } from '../lab/start.js'
import { type Canary, canary, keyCanary } from './canary.js'
import { type Secrets, withOtherSecret } from './secrets.js'
import type { Sinks } from './sinks.js'

interface Visit {
  readonly key?: string | undefined
  readonly once?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** Requests of every kind, with every secret in the place where it belongs. What a client is refused with is a sink. */
export class Visits {
  /** What only these requests know: other secrets, and signatures. */
  readonly canaries: Canary[] = []
  readonly #lab: RunningLab
  readonly #secrets: Secrets
  readonly #sinks: Sinks

  constructor(lab: RunningLab, secrets: Secrets, sinks: Sinks) {
    this.#lab = lab
    this.#secrets = secrets
    this.#sinks = sinks
    for (const [name, key] of Object.entries(lab.keys)) this.canaries.push(keyCanary(name, key))
  }

  async send(line: string, { key, once, headers = {}, body }: Visit = {}): Promise<number> {
    const [method = '', path = ''] = line.split(' ')
    const { cookie, query } = this.#secrets
    const sent = {
      cookie: `session=${cookie}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(once !== undefined && { 'idempotency-key': once }),
      ...headers,
    }
    // As an application logs a request: the fields whole, the query left out.
    this.#sinks.log.info({ req: { method, url: path.split('?')[0], headers: sent } }, 'request')
    const url = `${this.#lab.url}${path}${path.includes('?') ? '&' : '?'}token=${query}`
    const response = await fetch(url, { method, headers: sent, ...(body !== undefined && { body }) })
    const text = await response.text()
    if (response.status >= 400) this.#sinks.add('problem', { headers: [...response.headers], text })
    return response.status
  }

  /** Every way of showing a key, and every answer to it. */
  async keys(): Promise<void> {
    const { keys } = this.#lab
    const { unknownKey, query } = this.#secrets
    const other = withOtherSecret(keys.alice)
    this.canaries.push(keyCanary('a forged key', other))
    const shown = [undefined, ...Object.values(keys), unknownKey, other, keys.alice.slice(0, -1), `${keys.alice}x`]
    for (const key of shown) await this.send('GET /whoami', { key })
    await this.send('POST /scoped/write', { key: keys.reader })
    await this.send('GET /whoami', { key: keys.alice, headers: { 'x-api-key': keys.bob } })
    await this.send(`GET /whoami?api_key=${keys.alice}&q=${query}`)
  }

  /** A request that runs, its repetitions, and everything that is wrong with one. */
  async charges(suffix = ''): Promise<void> {
    const { idempotencyKey, body, unkeptBody } = this.#secrets
    const key = this.#lab.keys.alice
    const once = `${idempotencyKey}${suffix}`
    const kept = JSON.stringify({ note: body })
    const unkept = JSON.stringify({ note: unkeptBody })
    await this.send('POST /idem/charge', { key, once, body: kept })
    await this.send('POST /idem/charge', { key, once, body: kept })
    await this.send('POST /idem/charge', { key, once, body: unkept })
    await this.send('POST /idem/charge', { key, once: `"${once}`, body: unkept })
    await this.send('POST /idem/charge', { key, body: unkept })
    await this.send('POST /everyone/charge?kind=text', { once, body: unkept })
    for (const kind of ['secret', 'text', 'throw&how=sync', 'throw&how=async', 'throw&how=next', 'pin-then-throw']) {
      await this.send(`POST /idem/charge?kind=${kind}`, { key, once: `${once}${kind}`, body: unkept })
    }
    await this.send('POST /idem/charge?kind=secret', { key, once: `${once}secret`, body: unkept })
    await this.send('POST /idem/charge', { key, once: `${once}large`, body: unkept.padEnd(1_100_000) })
    const slow = { key, once: `${once}slow`, body: unkept }
    await Promise.all([1, 2].map(() => this.send('POST /idem/charge?kind=text&delayMs=100', slow)))
  }

  /** Messages that are genuine, come again, are forged or say nothing; secrets that are right and wrong. */
  async hooks(): Promise<void> {
    const { hookSecret, headerSecret, unkeptBody, signature } = this.#secrets
    const body = JSON.stringify({ note: unkeptBody, at: process.hrtime.bigint().toString() })
    const genuine = createHmac('sha256', hookSecret).update(body).digest('hex')
    const forged = createHmac('sha256', signature).update(body).digest('hex')
    this.canaries.push(canary('a genuine signature', genuine), canary('a forged signature', forged))
    const github = (value: string) => ({ body, headers: { 'x-hub-signature-256': `sha256=${value}` } })
    await this.send('POST /hooks/github', github(genuine))
    await this.send('POST /hooks/github', github(genuine))
    await this.send('POST /hooks/github', github(forged))
    await this.send('POST /hooks/github', { body })
    for (const secret of [headerSecret, `${headerSecret}x`]) {
      await this.send('POST /hooks/header-secret', { body, headers: { 'x-webhook-secret': secret } })
    }
    const fields = { 'signature-input': 'sig=("@method");created=1', signature: `sig=:${signature}:` }
    await this.send('POST /hooks/rfc9421', { body, headers: fields })
  }

  /** A fault between guard and store, and what it leads to. */
  async fault(change: object, suffix: string): Promise<void> {
    const faults = (what: object) =>
      fetch(`${this.#lab.url}/lab/store`, { method: 'POST', body: JSON.stringify(what) }).then((response) =>
        response.text(),
      )
    await faults(change)
    await this.once(suffix)
    await faults({ keys: 'ok', claim: 'ok', settle: 'ok' })
  }

  /** One request to each guard. */
  async once(suffix: string): Promise<void> {
    const { idempotencyKey, unkeptBody, hookSecret } = this.#secrets
    const { alice: key } = this.#lab.keys
    const body = JSON.stringify({ note: unkeptBody, suffix })
    const signature = createHmac('sha256', hookSecret).update(body).digest('hex')
    this.canaries.push(canary(`a signature ${suffix}`, signature))
    await this.send('GET /whoami', { key })
    await this.send('POST /everyone/charge?kind=text', { once: `${idempotencyKey}${suffix}`, body })
    await this.send('POST /hooks/github', { body, headers: { 'x-hub-signature-256': `sha256=${signature}` } })
  }
}
