import { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { honoApp } from './hono-app.js'
import type { LabParts, MountedLab } from './start.js'

/** The lab on Hono, on its Node server. */
export function honoLab(parts: LabParts): MountedLab {
  const { fetch, guards } = honoApp(parts)
  const server = createAdaptorServer({ fetch })
  if (!(server instanceof Server)) throw new TypeError('the lab speaks HTTP/1.1')
  return { server, guards }
}
