import { vectorReport } from '@latchkey/conformance/vectors'
import type { WebLab } from '../lab/start.js'

/** The lab on a runtime, which also runs the vectors that it is sent, so that they are verified by this runtime's cryptography. */
export function servedLab({ fetch }: WebLab): Pick<WebLab, 'fetch'> {
  return {
    fetch: async (request, ...host) =>
      new URL(request.url).pathname === '/lab/vectors'
        ? Response.json(await vectorReport(await request.text()))
        : fetch(request, ...host),
  }
}
