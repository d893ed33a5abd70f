import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { mount } from '@latchkey/express'
import compression from 'compression'
import express5, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import express4 from 'express4'
import { describe, expect, test } from 'vitest'
import { gate, Recording, raw, serve } from './recording.js'

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('%s: the reply of', (_name, express) => {
  const app = () => express().disable('x-powered-by').set('env', 'test')

  async function captured(handler: RequestHandler, path = '/', error?: ErrorRequestHandler) {
    const recording = new Recording()
    const router = app().use(mount('kept', recording.capturing()))
    router.post('/', handler)
    if (error !== undefined) router.use(error)
    const { url } = await serve(router)
    const response = await fetch(url + path, { method: 'POST', redirect: 'manual' })
    const body = await response.text()
    expect(recording.texts).toEqual([body])
    expect(recording.told).toMatchObject([{ settle: { status: response.status } }])
    return { status: response.status, body }
  }

  const file = fileURLToPath(import.meta.url)
  test.each<[string, RequestHandler, number]>([
    ['json', (_req, res) => void res.status(201).json({ a: 1 }), 201],
    ['send', (_req, res) => void res.send('text'), 200],
    ['sendStatus', (_req, res) => void res.sendStatus(202), 202],
    ['sendFile', (_req, res) => void res.sendFile(file), 200],
    ['redirect', (_req, res) => void res.redirect(303, '/there'), 303],
    [
      'a handler that throws',
      () => {
        throw Object.assign(new Error('bad'), { status: 422 })
      },
      422,
    ],
    ['a handler that passes an error on', (_req, _res, next) => next(new Error('bad')), 500],
  ])('%s is settled', async (_how, handler, status) => {
    expect((await captured(handler)).status).toBe(status)
  })

  test('nobody, as Express answers it, is settled', async () => {
    expect((await captured((_req, _res, next) => next(), '/nowhere')).status).toBe(404)
  })

  test('an error handler of the application is settled', async () => {
    const answer = await captured(
      (_req, _res, next) => next(new Error('bad')),
      '/',
      (_error, _req, res, _next) => {
        res.status(418).json({ mine: true })
      },
    )
    expect(answer).toEqual({ status: 418, body: '{"mine":true}' })
  })

  test('a handler behind compression is settled as plain bytes', async () => {
    const recording = new Recording()
    const { url } = await serve(
      app().use(compression({ threshold: 0 }), mount('kept', recording.capturing()), (_req, res) => {
        res.type('text').send('plain '.repeat(100))
      }),
    )
    const response = await fetch(url, { method: 'POST', headers: { 'accept-encoding': 'gzip' } })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(await response.text()).toBe('plain '.repeat(100))
    expect(recording.texts).toEqual(['plain '.repeat(100)])
    const [told] = recording.told
    expect(JSON.stringify(told)).not.toContain('content-encoding')
  })

  test('a handler that answers twice is its first answer, though the store takes its time', async () => {
    const settling = gate<undefined>()
    const recording = new Recording()
    const guard = mount('kept', recording.capturing({ settle: () => settling.passed }))
    const errors: unknown[] = []
    const { port } = await serve(
      app()
        .use(guard, (_req, res) => {
          res.status(201).json({ first: true })
          res.json({ second: true })
        })
        .use(((error, _req, _res, next) => {
          errors.push(error.code)
          next(error)
        }) satisfies ErrorRequestHandler),
    )
    const { answer } = raw(port, 'POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n')
    await recording.heard()
    await turn()
    settling.open(undefined)
    expect(await answer).toMatch(/^HTTP\/1.1 201 .*\{"first":true\}$/s)
    expect(errors).toEqual(['ERR_HTTP_HEADERS_SENT'])
    expect(recording.told).toHaveLength(1)
  })
})

test('Express 5: a handler that rejects is settled as what the error handler made of it', async () => {
  const recording = new Recording()
  const guard = mount('kept', recording.capturing())
  const app: Express = express5().set('env', 'test')
  const { url } = await serve(
    app.post('/', guard, async () => Promise.reject(Object.assign(new Error('bad'), { status: 409 }))),
  )
  const response = await fetch(url, { method: 'POST' })
  expect(recording.texts).toEqual([await response.text()])
  expect(response.status).toBe(409)
})
