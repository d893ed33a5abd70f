import { getConnInfo } from 'hono/deno'
import { webLab } from '../lab/web-lab.js'
import { servedLab } from './served-lab.js'

interface Connection {
  readonly remoteAddr: { readonly hostname: string }
}

declare const Deno: {
  readonly args: readonly string[]
  serve(
    options: { hostname: string; port: number; onListen(address: { readonly port: number }): void },
    handler: (request: Request, connection: Connection) => Response | Promise<Response>,
  ): unknown
}

const { fetch } = servedLab(
  await webLab(JSON.parse(Deno.args[0] ?? ''), {
    hono: { remoteAddress: (c) => getConnInfo(c).remote.address },
    fetch: { remoteAddress: (_, connection) => (connection as Connection).remoteAddr.hostname },
  }),
)
const onListen = ({ port }: { readonly port: number }) => console.log(JSON.stringify({ port }))
Deno.serve({ hostname: '127.0.0.1', port: 0, onListen }, fetch)
