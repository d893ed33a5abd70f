// One server in a process of its own: its arguments are framework, task and variant. It tells its port, and what it has used.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { expressServer } from './express-servers.js'
import { honoServer } from './hono-servers.js'
import { koaServer } from './koa-servers.js'
import { type Framework, type FromServer, type Task, usageQuestion } from './task.js'

const [framework, task, variant] = process.argv.slice(2) as [Framework, Task, string]

const listeners: Readonly<Record<Framework, () => Promise<RequestListener>>> = {
  express: async () => expressServer(task, variant),
  koa: async () => (await koaServer(task, variant)).callback(),
  hono: async () => getRequestListener((await honoServer(task, variant)).fetch),
}

const tell = (message: FromServer) => void process.send?.(message)

process.on('message', (question) => {
  if (question !== usageQuestion) return
  const { user, system } = process.cpuUsage()
  tell({ usage: user + system })
})
process.on('disconnect', () => process.exit())

const server = createServer(await listeners[framework]())
server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }))
