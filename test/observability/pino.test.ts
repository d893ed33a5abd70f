import { apiKeys, memoryStore, oneTimeTokens, StoreError } from '@latchkey/core'
import { pinoObserver, redactPaths } from '@latchkey/pino'
import { type LoggerOptions, pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { adapters } from '../lab/options.js'
import { startLab } from '../lab/start.js'
import { everyOutcome } from './visits.js'

interface Line {
  readonly level: number
  readonly event: string
  readonly [field: string]: unknown
}

function logger(options: LoggerOptions = {}) {
  const lines: Line[] = []
  const write = (line: string) => void lines.push(JSON.parse(line))
  return { log: pino({ level: 'debug', base: null, timestamp: false, ...options }, { write }), lines }
}

describe.each(adapters)('one logger on every guard of %s', (adapter) => {
  test('has a line of every event, at its level, with names and public ids alone', async () => {
    const { log, lines } = logger({ redact: redactPaths() })
    const observe = pinoObserver(log)
    const lab = await startLab({
      adapter,
      options: { apiKey: { observe }, idempotency: { observe }, signature: { observe } },
    })
    await everyOutcome(lab)
    await lab.close()
    const keyId = lab.keys.alice.slice(10, 22)
    const recordId = expect.stringMatching(/^[\w-]{43}$/)
    expect(lines).toContainEqual(line(20, 'api-key.accepted', { keyId, environment: 'live' }))
    expect(lines).toContainEqual(line(30, 'api-key.refused', { code: 'api-key-missing', reason: 'missing' }))
    expect(lines).toContainEqual(line(20, 'idempotency.settled', { attempt: 1, status: 201, recordId }))
    expect(lines).toContainEqual(
      line(30, 'signature.refused', { code: 'signature-invalid', reason: 'mismatch', scheme: 'github' }),
    )
    const err = { type: 'StoreError', fault: 'unavailable' }
    expect(lines).toContainEqual(line(50, 'idempotency.store_failed', { recordId, err }))
    expect(lines).toContainEqual(line(50, 'signature.reserve_failed', { scheme: 'github', err }))
    expect(JSON.stringify(lines)).not.toMatch(/alice|faultyStore|Bearer|idem\/charge/)
  })
})

function line(level: number, event: string, fields: object): object {
  return { level, event, ...fields, msg: event }
}

describe('what a line is spared', () => {
  const told = (event: object, options = {}) => {
    const { log, lines } = logger()
    pinoObserver(log, options)(event as never)
    return lines[0]
  }

  test('an error is told by its kind, its code and those of its causes, and never by its message', () => {
    const driver = Object.assign(new Error('connect postgres://app:hunter2@db'), { code: 'ECONNREFUSED' })
    const error = new StoreError('unavailable', 'postgres: no answer', { cause: driver })
    expect(told({ type: 'api-key.store_failed', error })).toEqual(
      line(50, 'api-key.store_failed', {
        err: { type: 'StoreError', fault: 'unavailable', cause: { type: 'Error', code: 'ECONNREFUSED' } },
      }),
    )
    const odd = Object.assign(new Error('x'), { name: 'hunter2 of db', code: 'hunter2' })
    expect(told({ type: 'api-key.store_failed', error: odd })).toMatchObject({ err: { type: 'Error' } })
    expect(told({ type: 'api-key.store_failed', error: 'hunter2' })).toMatchObject({ err: { type: 'string' } })
  })

  test('a chain of causes that has no end is cut', () => {
    const error = new Error('round')
    error.cause = error
    expect(JSON.stringify(told({ type: 'api-key.store_failed', error })).match(/cause/g)).toHaveLength(3)
  })

  test('who it was is told where that is asked for', () => {
    const event = { type: 'api-key.accepted', keyId: 'k', ownerId: 'org_1', environment: 'live' }
    expect(told(event)).not.toHaveProperty('ownerId')
    expect(told(event, { include: ['ownerId'] })).toHaveProperty('ownerId', 'org_1')
  })

  test('the words of an operator, of a sender, and of whoever adds a member later', () => {
    expect(told({ type: 'api-key.revoked', keyId: 'k', reason: 'leaked by Bob' })).not.toHaveProperty('reason')
    expect(told({ type: 'signature.verified', scheme: 'svix', id: 'msg_1', secretIndex: 0 })).not.toHaveProperty('id')
    expect(told({ type: 'api-key.accepted', keyId: 'k', later: 'hunter2' })).not.toHaveProperty('later')
  })

  test('an event that is none of ours', () => {
    expect(told({ type: 'somebody.else', secret: 'hunter2' })).toBeUndefined()
  })
})

describe('levels', () => {
  test('are one’s own where one says so', () => {
    const { log, lines } = logger()
    const observe = pinoObserver(log, { levels: { 'api-key.refused': 'warn', 'api-key.accepted': 'silent' } })
    observe({ type: 'api-key.refused' })
    observe({ type: 'api-key.accepted' })
    expect(lines).toEqual([line(40, 'api-key.refused', {})])
  })

  test('below the logger’s own cost nothing: the event is not looked at', () => {
    const { log, lines } = logger({ level: 'info' })
    const untouched = { type: 'api-key.accepted' }
    Object.defineProperty(untouched, 'keyId', {
      get: () => {
        throw new Error('looked at')
      },
    })
    pinoObserver(log)(untouched)
    expect(lines).toEqual([])
  })
})

test('keys and one-time tokens tell the same observer', async () => {
  const { log, lines } = logger()
  const observe = pinoObserver(log)
  const store = memoryStore()
  const keys = apiKeys({ store, prefix: 'acme', observe })
  const { info } = await keys.issue({ ownerId: 'org_1' })
  await keys.revoke(info.id)
  await oneTimeTokens({ store, observe }).issue('user_1', 'password-reset', 60)
  expect(lines.map(({ event, level }) => `${event} ${level}`)).toEqual([
    'api-key.issued 30',
    'api-key.revoked 30',
    'one-time-token.issued 30',
  ])
})

test.each([
  [undefined, {}, /the first argument must be a pino logger/],
  [console.log, {}, /the first argument must be a pino logger/],
  [pino(), { levels: { 'api-key.acepted': 'info' } }, /"levels" must be an object of levels/],
  [pino(), { levels: { 'api-key.accepted': 'loud' } }, /"levels" must be an object of levels/],
  [pino(), { include: ['key'] }, /"include" must be a list of ownerId, actor, subject, url/],
])('what does not fit is refused', (log, options, message) => {
  expect(() => pinoObserver(log as never, options as never)).toThrow(message)
})
