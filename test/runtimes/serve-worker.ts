import { getConnInfo } from 'hono/cloudflare-workers'
import type { WebLab } from '../lab/start.js'
import { webLab } from '../lab/web-lab.js'
import { servedLab } from './served-lab.js'

interface Execution {
  waitUntil(work: Promise<unknown>): void
}

/** Made by the first request: a Worker has neither random numbers nor timers before one. */
let lab: Promise<Pick<WebLab, 'fetch'>> | undefined

async function madeLab(options: string): Promise<Pick<WebLab, 'fetch'>> {
  const host = {
    hono: { remoteAddress: (c: Parameters<typeof getConnInfo>[0]) => getConnInfo(c).remote.address },
    fetch: {
      remoteAddress: (request: Request) => request.headers.get('cf-connecting-ip') ?? undefined,
      waitUntil: (work: Promise<unknown>, ...[, , execution]: unknown[]) => (execution as Execution).waitUntil(work),
    },
  }
  return servedLab(await webLab(JSON.parse(options), host))
}

export default {
  async fetch(request: Request, env: { readonly LAB: string }, execution: Execution): Promise<Response> {
    lab ??= madeLab(env.LAB)
    return (await lab).fetch(request, env, execution)
  },
}
