import { mount } from '@latchkey/koa'
import Koa3, { type Context } from 'koa'
import Koa2 from 'koa2'
import { type Answers, Recording, serve } from './recording.js'

export const majors = [
  ['Koa 3', Koa3],
  ['Koa 2', Koa2],
] as const

export type Handler = (ctx: Context) => unknown

/** Runs the handler behind a capture; `outer` stands outside both. */
export async function behind(Koa: typeof Koa3, handler: Handler, answers?: Answers, outer?: Koa3.Middleware) {
  const recording = new Recording()
  const app = Object.assign(new Koa(), { silent: true })
  if (outer !== undefined) app.use(outer)
  app.use(mount('kept', recording.capturing(answers))).use(handler)
  return { recording, ...(await serve(app.callback())) }
}
