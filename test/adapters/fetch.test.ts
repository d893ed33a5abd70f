import { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { adapterSuite } from '@latchkey/conformance'
import { fetchApp } from '../lab/fetch-app.js'
import type { GuardSettings } from '../lab/options.js'
import { startLab } from '../lab/start.js'
import { deviations } from '../runtimes/deviations.js'
import { parserDeviations } from './suite.js'

/** What the Node server that calls fetch handlers hands over beside the request. */
interface Bindings {
  readonly incoming: { readonly socket: { readonly remoteAddress?: string } }
}

// Alone, on a host that makes a `Request` of each request on Node; on other runtimes see `npm run runtimes`.
adapterSuite('@latchkey/fetch', {
  skip: {
    ...deviations(undefined, 'fetch'),
    ...parserDeviations,
    'where HTTPS is required, a request target that claims it proves nothing about the connection':
      'this server takes a request target in absolute form for the URL, scheme and all',
  },
  start: (settings) =>
    startLab({ adapter: 'hono', options: settings as GuardSettings }, (parts) => {
      const remoteAddress = (_: Request, bindings: unknown) => (bindings as Bindings).incoming.socket.remoteAddress
      const { fetch, guards } = fetchApp(parts, { remoteAddress })
      const server = createAdaptorServer({ fetch })
      if (!(server instanceof Server)) throw new TypeError('the lab speaks HTTP/1.1')
      return { server, guards }
    }),
})
