import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adapters } from '../lab/options.js'
import { type RunningLab, startLab } from '../lab/start.js'

/** Latchkey's own answers, one of each; `fresh` stands for a key that nobody has used. */
const own: Readonly<Record<string, (lab: RunningLab) => Promise<Response>>> = {
  'no credential': (lab) => fetch(`${lab.url}/whoami`),
  'an invalid key': (lab) => post(lab, '/idem/charge', { authorization: 'Bearer acme_live_nothing' }),
  'a revoked key': (lab) => post(lab, '/idem/charge', { authorization: `Bearer ${lab.keys.revoked}` }),
  'two keys': (lab) => post(lab, '/idem/charge', { ...bearer(lab), 'x-api-key': lab.keys.bob }),
  'another environment': (lab) => post(lab, '/idem/charge', { authorization: `Bearer ${lab.keys.test}` }),
  'a scope that is missing': (lab) => post(lab, '/scoped/write', { authorization: `Bearer ${lab.keys.reader}` }),
  'no idempotency key': (lab) => post(lab, '/idem/charge', bearer(lab)),
  'a broken idempotency key': (lab) => post(lab, '/idem/charge', { ...bearer(lab), 'idempotency-key': '"open' }),
  'a key that is taken': async (lab) => {
    const headers = { ...bearer(lab), 'idempotency-key': 'taken' }
    await post(lab, '/idem/charge', headers)
    return post(lab, '/idem/charge', headers, '{"other":1}')
  },
  'a reply that was not kept': async (lab) => {
    const headers = { ...bearer(lab), 'idempotency-key': 'secret' }
    await post(lab, '/idem/charge?kind=secret', headers)
    return post(lab, '/idem/charge?kind=secret', headers)
  },
  'a request that runs': async (lab) => {
    const headers = { ...bearer(lab), 'idempotency-key': 'runs' }
    void post(lab, '/idem/charge?kind=never', headers).catch(() => {})
    for (;;) {
      const answer = await post(lab, '/idem/charge?kind=never', headers, '{}', AbortSignal.timeout(200)).catch(() => {})
      if (answer !== undefined) return answer
    }
  },
  'a body that is too large': (lab) =>
    post(lab, '/idem/charge', { ...bearer(lab), 'idempotency-key': 'large' }, 'x'.repeat(1024 * 1024 + 1)),
  'a claim that fails': (lab) =>
    during(lab, { claim: 'fail' }, () => post(lab, '/idem/charge', { ...bearer(lab), 'idempotency-key': 'down' })),
  'keys that cannot be read': (lab) => during(lab, { keys: 'fail' }, () => post(lab, '/idem/charge', bearer(lab))),
  'a forged message': (lab) => post(lab, '/hooks/github', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }),
  'a message that was handled': async (lab) => {
    const known = { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' }
    await post(lab, '/hooks/github', known, 'Hello, World!')
    return post(lab, '/hooks/github', known, 'Hello, World!')
  },
}

function bearer(lab: RunningLab) {
  return { authorization: `Bearer ${lab.keys.alice}` }
}

function post(lab: RunningLab, path: string, headers: Record<string, string>, body = '{}', signal?: AbortSignal) {
  const type = path.startsWith('/hooks') ? 'text/plain' : 'application/json'
  const init = { method: 'POST', headers: { 'content-type': type, ...headers }, body }
  return fetch(lab.url + path, signal === undefined ? init : { ...init, signal })
}

async function during(lab: RunningLab, faults: object, ask: () => Promise<Response>): Promise<Response> {
  await post(lab, '/lab/store', {}, JSON.stringify(faults))
  const answer = await ask()
  await post(lab, '/lab/store', {}, '{"claim":"ok","keys":"ok"}')
  return answer
}

/** What the server itself writes, or the framework signs with. */
const notOurs = new Set(['date', 'connection', 'keep-alive', 'x-powered-by'])

async function onTheWire(answer: Response): Promise<string> {
  const fields = [...answer.headers].filter(([name]) => !notOurs.has(name)).map(([name, value]) => `${name}: ${value}`)
  return [`${answer.status}`, ...fields, '', await answer.text()].join('\n')
}

describe('on every framework', () => {
  let labs: RunningLab[]
  beforeAll(async () => {
    const options = { signature: { secrets: { github: ["It's a Secret to Everybody"] } } }
    labs = await Promise.all(adapters.map((adapter) => startLab({ adapter, seed: 'parity', options })))
  })
  afterAll(() => Promise.all(labs.map((lab) => lab.close())))

  it.each(Object.entries(own))('the answer to %s is the same to the byte', async (_name, ask) => {
    const answers = await Promise.all(labs.map(async (lab) => onTheWire(await ask(lab))))
    expect(answers[0]).toContain('application/problem+json')
    for (const answer of answers) expect(answer).toBe(answers[0])
  })
})
