import { describe, expect, it } from 'vitest'
import { labOptions, UsageError } from './options.js'

describe('the command line of the lab', () => {
  it('names an adapter, a store, a port, a seed and options of the guards', () => {
    const options = '{"idempotency":{"leaseSeconds":1}}'
    const args = [
      '--adapter',
      'koa',
      '--store',
      'sqlite:/tmp/a.db',
      '--port',
      '8080',
      '--seed',
      's',
      '--options',
      options,
    ]
    expect(labOptions(args)).toEqual({
      adapter: 'koa',
      store: 'sqlite:/tmp/a.db',
      port: 8080,
      seed: 's',
      options: { idempotency: { leaseSeconds: 1 } },
    })
  })

  it('takes the URL of a Redis', () => {
    const store = 'redis://localhost:6379/1'
    expect(labOptions(['--adapter', 'hono', '--store', store])).toMatchObject({ store })
  })

  it('takes memory and any free port where nothing is said', () => {
    expect(labOptions(['--adapter', 'hono'])).toEqual({ adapter: 'hono', store: 'memory', port: 0 })
  })

  it('takes a database by its URL', () => {
    const store = 'postgres://postgres@127.0.0.1/test'
    expect(labOptions(['--adapter', 'koa', '--store', store])).toMatchObject({ store })
  })

  it.each([
    [[], /--adapter must be one of express, koa, hono/],
    [['--adapter', 'fastify'], /not fastify/],
    [
      ['--adapter', 'koa', '--store', 'mongodb://localhost'],
      /--store must be memory, sqlite:<path>, postgres:.+ or redis:.+, not mongodb/,
    ],
    [['--adapter', 'koa', '--store', 'sqlite:'], /--store must be memory/],
    [['--adapter', 'koa', '--port', '-1'], /port/],
    [['--adapter', 'koa', '--port=99999'], /--port must be 0 to 65535/],
    [['--adapter', 'koa', '--options', '{'], /--options must be JSON/],
    [['--adapter', 'koa', '--options', '[]'], /--options must be a JSON object/],
    [['--adapter', 'koa', '--options', '{"other":{}}'], /idempotency, apiKey and signature/],
    [['--adapter', 'koa', '--verbose'], /verbose/],
  ])('says what is wrong with %j, and how it is used', (args, complaint) => {
    expect(() => labOptions(args)).toThrow(UsageError)
    expect(() => labOptions(args)).toThrow(complaint)
    expect(() => labOptions(args)).toThrow(/usage: npm run --silent lab/)
  })
})
