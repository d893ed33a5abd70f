import { createHmac, randomUUID } from 'node:crypto'
import type { RunningLab } from '../lab/start.js'

/** One request, answered and read to its end. */
export async function send(lab: RunningLab, line: string, init: RequestInit = {}): Promise<Response> {
  const [method = 'POST', path] = line.split(' ')
  const response = await fetch(lab.url + path, { method, ...init })
  await response.arrayBuffer()
  return response
}

export function faults(lab: RunningLab, change: object): Promise<Response> {
  return send(lab, 'POST /lab/store', { body: JSON.stringify(change) })
}

/** A delivery by GitHub, or by somebody who does not know the secret. */
export function delivery(secret = 'lab-secret-github', body = `{"delivery":"${randomUUID()}"}`): RequestInit {
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  return { body, headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature } }
}

/** A charge by alice. */
export function charge(lab: RunningLab, key: string, body: object = {}): RequestInit {
  const headers = {
    authorization: `Bearer ${lab.keys.alice}`,
    'idempotency-key': key,
    'content-type': 'application/json',
  }
  return { headers, body: JSON.stringify(body) }
}

/** One request of every outcome that there is a count of. */
export async function everyOutcome(lab: RunningLab): Promise<void> {
  const key = randomUUID()
  await send(lab, 'POST /idem/charge', charge(lab, key))
  await send(lab, 'POST /idem/charge', charge(lab, key))
  await send(lab, 'POST /idem/charge', charge(lab, key, { amount: 2 }))
  await send(lab, 'POST /idem/charge', charge(lab, '"'))
  await send(lab, 'POST /idem/charge?kind=secret', charge(lab, `${key}-secret`))
  await send(lab, 'POST /idem/charge?kind=secret', charge(lab, `${key}-secret`))
  await send(lab, 'GET /whoami')
  await send(lab, 'GET /whoami', { headers: { authorization: `Bearer ${lab.keys.revoked}` } })
  const message = delivery()
  await send(lab, 'POST /hooks/github', message)
  await send(lab, 'POST /hooks/github', message)
  await send(lab, 'POST /hooks/github', delivery('another secret'))
  await faults(lab, { claim: 'fail' })
  await send(lab, 'POST /idem/charge', charge(lab, `${key}-down`))
  await send(lab, 'POST /hooks/github', delivery())
  await faults(lab, { claim: 'ok', keys: 'fail' })
  await send(lab, 'GET /whoami', { headers: { authorization: `Bearer ${lab.keys.alice}` } })
  await faults(lab, { keys: 'ok' })
}
