import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../errors.js'
import type { Reply } from '../../guard.js'
import { grantLedger } from '../../sequence.js'
import type { IdempotencyGrant } from '../grant.js'
import { Rig, read, replyOf, requestOf } from '../guard-rig.js'
import type { IdempotencyOptions } from '../options.js'
import type { FencedWrite, RecordTransaction } from '../store.js'
import { paid, RigTransaction, same, settling, stored } from '../transaction-rig.js'
import type { SettledReply } from './settled-reply.js'

const cannotSettle = (text: string) =>
  expect.objectContaining({
    constructor: ConfigurationError,
    code: 'cannot-settle',
    message: expect.stringContaining(text),
  })

describe('settleIn', () => {
  test('answers and throws at once where the transaction does', async () => {
    const rig = new Rig()
    const reply = await rig.send({}, ({ settleIn }) => {
      const transaction = new RigTransaction(rig.store, true) as RigTransaction & RecordTransaction<FencedWrite>
      expect(() => settleIn(transaction, { status: 500 })).toThrow(cannotSettle('a 500 is not kept'))
      const made: Reply = settleIn(transaction, paid)
      expect(made).toEqual(same)
      transaction.commit()
      return same
    })
    expect(read(reply)).toMatchObject(stored)
  })

  test.each([401, 409, 429, 500, 503])(
    'refuses a %d, which is not kept, before anything is written',
    async (status) => {
      const rig = new Rig()
      const reply = await rig.send({}, async ({ settleIn }) => {
        await expect(settleIn(new RigTransaction(rig.store), { status })).rejects.toEqual(cannotSettle('roll back'))
        return replyOf(status)
      })
      expect(reply.status).toBe(status)
      expect(rig.store.calls).toEqual(['claim', 'release'])
    },
  )

  test.each<[string, Partial<IdempotencyOptions>]>([
    ['pinned', {}],
    ['of a guard that stores server errors', { serverErrors: 'store' }],
  ])('takes a 500 of a handler that is %s', async (_, options) => {
    const rig = new Rig(options)
    const reply = await rig.send({}, async ({ settleIn, pin }) => {
      if (options.serverErrors === undefined) pin()
      const transaction = new RigTransaction(rig.store)
      await settleIn(transaction, { status: 500, body: 'declined' })
      transaction.commit()
      return undefined
    })
    expect(read(reply)).toMatchObject({ status: 500, body: 'declined' })
    expect(read(await rig.send())).toMatchObject({ status: 500, body: 'declined' })
  })

  test('twice in one transaction, or after one that committed, is refused, and the first counts', async () => {
    const rig = new Rig()
    const reply = await rig.send({}, async (grant) => {
      await settling(rig, 'commit')(grant)
      const again = grant.settleIn(new RigTransaction(rig.store), { status: 200, body: 'again' })
      await expect(again).rejects.toEqual(cannotSettle('settled already'))
      return replyOf(500)
    })
    expect(read(reply)).toMatchObject(stored)
  })

  test('after the handler’s answer is refused', async () => {
    const rig = new Rig()
    let grant: IdempotencyGrant | undefined
    await rig.send({}, (granted) => {
      grant = granted
      return same
    })
    await expect(grant!.settleIn(new RigTransaction(rig.store), paid)).rejects.toEqual(cannotSettle('answered'))
  })

  test('on a request that is not protected writes nothing, and answers all the same', async () => {
    const rig = new Rig({ required: false })
    const verdict = await rig.guard(requestOf({}), grantLedger())
    if (verdict.kind !== 'pass') throw new Error('refused')
    const { settleIn } = verdict.grant
    expect(await settleIn(new RigTransaction(rig.store), paid)).toEqual(same)
    expect(settleIn(new RigTransaction(rig.store, true), paid)).toEqual(same)
    expect(rig.store.calls).toEqual([])
  })

  test.each<[string, unknown, string]>([
    ['a status that is none', { status: 99 }, '"status" must be'],
    ['two bodies', { status: 200, body: 'a', json: 1 }, 'two bodies'],
    ['a body that is neither text nor bytes', { status: 200, body: { a: 1 } }, '"body" must be'],
    ['a body where none is allowed', { status: 204, json: {} }, 'a 204 has no body'],
    ['a field name that is none', { status: 200, headers: { 'a b': 'c' } }, 'a header has a name'],
    ['a field value with a line break', { status: 200, headers: { location: 'a\r\nb' } }, '"location" has a value'],
    ['a field value that is no text', { status: 200, headers: { 'x-a': 1 } }, '"x-a" has a value'],
  ])('refuses %s', async (_, given, text) => {
    const rig = new Rig()
    await rig.send({}, async ({ settleIn }) => {
      await expect(settleIn(new RigTransaction(rig.store), given as SettledReply)).rejects.toEqual(cannotSettle(text))
      return replyOf(500)
    })
  })

  test('refuses what is no transaction of a store', async () => {
    const rig = new Rig()
    await rig.send({}, async ({ settleIn }) => {
      await expect(settleIn({ query: () => undefined } as never, paid)).rejects.toEqual(cannotSettle('transaction()'))
      await expect(settleIn(undefined as never, paid)).rejects.toEqual(cannotSettle('transaction()'))
      return replyOf(500)
    })
  })

  test.each<[SettledReply, string, string]>([
    [{ status: 200, body: 'a' }, 'a', 'text/plain; charset=utf-8'],
    [{ status: 200, body: new Uint8Array([97]) }, 'a', 'undefined'],
    [{ status: 200, json: null }, 'null', 'application/json'],
    [
      { status: 200, json: [1], headers: { 'Content-Type': 'application/vnd.a+json' } },
      '[1]',
      'application/vnd.a+json',
    ],
    [
      {
        status: 200,
        body: 'a',
        headers: [
          ['Content-Type', 'text/csv'],
          ['link', '<a>'],
          ['link', '<b>'],
        ],
      },
      'a',
      'text/csv',
    ],
    [{ status: 204 }, '', 'undefined'],
  ])('completes %o', async (given, body, type) => {
    const rig = new Rig({ required: false })
    const verdict = await rig.guard(requestOf({}), grantLedger())
    if (verdict.kind !== 'pass') throw new Error('refused')
    const reply = read(await verdict.grant.settleIn(new RigTransaction(rig.store), given))
    expect(reply).toMatchObject({ status: given.status, body })
    expect(String(reply.headers['content-type'])).toBe(type)
  })
})
