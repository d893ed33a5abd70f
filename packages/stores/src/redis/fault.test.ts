import { expect, test } from 'vitest'
import { isScriptMissing, storeError } from './fault.js'

const answers: readonly (readonly [answer: string, fault: string])[] = [
  ['WRONGTYPE Operation against a key holding the wrong kind of value', 'corrupt'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'unavailable'],
  ['LOADING Redis is loading the dataset in memory', 'unavailable'],
  ["READONLY You can't write against a read only replica.", 'unavailable'],
  ['MOVED 3999 127.0.0.1:6381', 'unavailable'],
  ['CLUSTERDOWN The cluster is down', 'unavailable'],
  ['NOPERM this user has no permissions to run the evalsha command', 'unavailable'],
]

test.each(answers)('%s', (answer, fault) => {
  expect(storeError(new Error(answer))).toMatchObject({ name: 'StoreError', fault })
})

test.each(answers)('as Redis 6.2 tells of it when a script meets it: %s', (answer, fault) => {
  const message = `ERR Error running script (call to f_2b): @user_script:3: @user_script: 3: -${answer}`
  expect(storeError(new Error(message))).toMatchObject({ fault })
})

test('clients that waited too long time out, whatever they call it', () => {
  class TimeoutError extends Error {}
  const named = Object.assign(new Error('a command'), { name: 'CommandTimeoutError' })
  for (const error of [
    new Error('Command timed out'),
    Object.assign(new Error('x'), { name: 'TimeoutError' }),
    new TimeoutError(),
    named,
  ]) {
    expect(storeError(error)).toMatchObject({ fault: 'timeout' })
  }
})

test('a connection that fails is told by its code, and nothing else of the error goes further', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED', command: { args: ['canary'] } })
  const error = storeError(refused)
  expect(error).toMatchObject({ fault: 'unavailable', message: 'Redis does not answer: ECONNREFUSED' })
  expect(error.cause).toBeUndefined()
  expect(storeError(new Error('ERR unknown command, with args beginning with: canary')).message).not.toContain('canary')
  expect(storeError('canary')).toMatchObject({ fault: 'unavailable' })
})

test('a script that is missing is told apart', () => {
  expect(isScriptMissing(new Error('NOSCRIPT No matching script. Please use EVAL.'))).toBe(true)
  expect(isScriptMissing(new Error('ERR value is not an integer'))).toBe(false)
})
