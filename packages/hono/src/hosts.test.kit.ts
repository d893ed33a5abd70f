import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, type Socket } from 'node:net'
import { serve } from '@hono/node-server'
import type { Capture, Guard } from '@latchkey/core'
import type { Env, Hono } from 'hono'
import { onTestFinished } from 'vitest'

/** Sends a request to an app on some host. */
export type Send = (path: string, init?: RequestInit) => Promise<Response>

/** The app behind Node's server, on a port of its own for the length of the test. */
export async function listening<E extends Env>(app: Hono<E>, overrideGlobalObjects = true): Promise<number> {
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', overrideGlobalObjects })
  await once(server, 'listening')
  onTestFinished(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Every kind of host that an app can run on. */
export const hosts: readonly (readonly [string, <E extends Env>(app: Hono<E>) => Promise<Send>])[] = [
  ['a plain fetch host', async (app) => async (path, init) => app.request(path, init)],
  [
    'Node’s server',
    async (app) => {
      const origin = `http://127.0.0.1:${await listening(app)}`
      return (path, init) => fetch(origin + path, { redirect: 'manual', ...init })
    },
  ],
]

/** A raw connection. `answered` waits until what was received ends as `end` says. */
export async function dial(port: number): Promise<Socket & { answered(end: RegExp): Promise<string> }> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  let received = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text
  })
  // A server that refuses an upload may reset the connection while we still write.
  socket.on('error', () => {})
  onTestFinished(() => {
    socket.destroy()
  })
  const answered = async (end: RegExp): Promise<string> => {
    while (!end.test(received)) await once(socket, 'data')
    return received
  }
  return Object.assign(socket, { answered })
}

/** A guard that captures, and what it was told. */
export function captures(answers: Partial<Capture> = {}): { guard: Guard<null>; told: unknown[] } {
  const told: unknown[] = []
  const capture: Capture = {
    maxBytes: 4096,
    holds: () => true,
    settle: ({ status, body }) => {
      told.push(`settle ${status} ${new TextDecoder().decode(body)}`)
      return undefined
    },
    abandon: (reason) => {
      told.push(`abandon ${reason}`)
      return undefined
    },
    ...answers,
  }
  const settled = async (outcome: number | 'abandoned'): Promise<void> => {
    told.push(`settled ${outcome}`)
  }
  return { told, guard: () => ({ kind: 'pass', grant: null, capture, settled }) }
}
