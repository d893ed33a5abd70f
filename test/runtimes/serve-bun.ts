import { getConnInfo } from 'hono/bun'
import { webLab } from '../lab/web-lab.js'
import { servedLab } from './served-lab.js'

interface Server {
  readonly port: number
  requestIP(request: Request): { readonly address: string } | null
}

declare const Bun: {
  serve(options: {
    hostname: string
    port: number
    fetch(request: Request, server: Server): Response | Promise<Response>
  }): Server
}

const { fetch } = servedLab(
  await webLab(JSON.parse(process.argv[2] ?? ''), {
    hono: { remoteAddress: (c) => getConnInfo(c).remote.address },
    fetch: { remoteAddress: (request, server) => (server as Server).requestIP(request)?.address },
  }),
)
const { port } = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch })
console.log(JSON.stringify({ port }))
