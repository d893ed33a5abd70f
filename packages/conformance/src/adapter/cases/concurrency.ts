import assert from 'node:assert/strict'
import { type Answer, call, entered, field, freshKey, inject, jsonOf, runs, until } from '../call.js'
import { isRefusal, isReplayOf, isReply, refused } from '../expectations.js'
import { type AdapterCase, type Lab, under } from '../lab.js'

const charge = 'POST /idem/charge'

function isInProgress({ status, body }: Answer): boolean {
  return status === 409 && body.includes('idempotency-in-progress')
}

/** Asks until the first request is over. */
function afterwards(lab: Lab, line: string, request: Parameters<typeof call>[2]): Promise<Answer> {
  return until(
    () => call(lab, line, request),
    (answer) => !isInProgress(answer),
  )
}

export const concurrencyCases: readonly AdapterCase[] = [
  {
    name: 'of 64 copies at once one runs, the others wait their turn or get its reply',
    run: async (lab) => {
      const request = { as: 'alice', key: freshKey(), json: { amount: 5 } } as const
      const line = `${charge}?delayMs=50`
      const answers = await Promise.all(Array.from({ length: 64 }, () => call(lab, line, request)))
      const ran = answers.filter(
        (answer) => answer.status === 201 && field(answer, 'idempotent-replayed') === undefined,
      )
      assert.equal(ran.length, 1)
      for (const answer of answers) {
        if (answer === ran[0]) continue
        if (answer.status === 201) isReplayOf(ran[0]!, answer)
        else isRefusal(answer, refused.inProgress)
      }
      isReplayOf(ran[0]!, await call(lab, line, request))
      assert.equal(await runs(lab), 1)
    },
  },
  {
    name: 'of different bodies that race under one key one wins and the others are refused, then and later',
    run: async (lab) => {
      const key = freshKey()
      const line = `${charge}?delayMs=30`
      const ask = (amount: number) => call(lab, line, { as: 'alice', key, json: { amount } })
      const answers = await Promise.all(Array.from({ length: 20 }, (_, amount) => ask(amount)))
      const winner = answers.findIndex(({ status }) => status === 201)
      assert.deepEqual((jsonOf(answers[winner]!).received as Record<string, unknown>).amount, winner)
      for (const [amount, answer] of answers.entries()) {
        if (amount === winner) continue
        isRefusal(answer, refused.keyReused)
        isRefusal(await ask(amount), refused.keyReused)
      }
      isReplayOf(answers[winner]!, await ask(winner))
      assert.equal(await runs(lab), 1)
    },
  },
  {
    name: 'while the first runs a copy is told when to come again, and another request that the key is taken',
    run: async (lab) => {
      const request = { as: 'alice', key: freshKey(), json: {} } as const
      const line = `${charge}?delayMs=200`
      const first = call(lab, line, request)
      await entered(lab)
      isRefusal(await call(lab, line, request), refused.inProgress)
      isRefusal(await call(lab, line, { ...request, json: { other: 1 } }), refused.keyReused)
      isReplayOf(await first, await call(lab, line, request))
      assert.equal(await runs(lab), 1)
    },
  },
  ...under({ idempotency: { wait: true, maxWaiters: 3 } }, [
    {
      name: 'copies that may wait get the reply when it is there, as many as may wait',
      run: async (lab) => {
        const request = { as: 'alice', key: freshKey(), json: {} } as const
        const line = `${charge}?delayMs=400`
        const first = call(lab, line, request)
        await entered(lab)
        const copies = await Promise.all(Array.from({ length: 5 }, () => call(lab, line, request)))
        const replays = copies.filter((copy) => !isInProgress(copy))
        assert.equal(replays.length, 3)
        for (const replay of replays) isReplayOf(await first, replay)
        assert.equal(await runs(lab), 1)
      },
    },
  ]),
  ...under({ idempotency: { waitSeconds: 0.2 } }, [
    {
      name: 'a copy that has waited long enough is told to come again',
      run: async (lab) => {
        const gone = new AbortController()
        const request = { as: 'alice', key: freshKey(), json: {} } as const
        const first = call(lab, `${charge}?kind=never`, { ...request, signal: gone.signal }).catch(() => {})
        await entered(lab)
        isRefusal(await call(lab, `${charge}?kind=never`, request), refused.inProgress)
        gone.abort()
        await first
      },
    },
  ]),
  ...under({ idempotency: { leaseSeconds: 0.5 } }, [
    {
      name: 'a handler slower than the lease keeps it',
      run: async (lab) => {
        const request = { as: 'alice', key: freshKey(), json: {} } as const
        const line = `${charge}?delayMs=1200`
        const first = call(lab, line, request)
        await entered(lab)
        const answered = await afterwards(lab, line, request)
        isReplayOf(await first, answered)
        assert.equal(await runs(lab), 1)
      },
    },
  ]),
  ...under({ idempotency: { leaseSeconds: 0.3, maxLeaseSeconds: 0.3 } }, [
    {
      name: 'an owner that lost its lease is told by the signal and never answers with its own result',
      run: async (lab) => {
        const request = { as: 'alice', key: freshKey(), json: {} } as const
        const line = `${charge}?kind=slow-signal&delayMs=1000`
        const first = call(lab, line, request)
        await entered(lab)
        const second = await afterwards(lab, line, request)
        isRefusal(await first, refused.leaseLost)
        assert.ok(second.status === 200 || second.status === 409)
        assert.equal(await runs(lab), 2)
      },
    },
  ]),
  ...under({ idempotency: { ttlSeconds: 0.3 } }, [
    {
      name: 'a settled request is replayed until its time is up, then it runs again, and nothing comes between',
      run: async (lab) => {
        const request = { as: 'alice', key: freshKey(), json: {} } as const
        const first = await call(lab, charge, request)
        const second = await until(
          () => call(lab, charge, request),
          (answer) => {
            if (field(answer, 'idempotent-replayed') === undefined) return true
            isReplayOf(first, answer)
            return false
          },
        )
        isReply(second, 201)
        assert.equal(await runs(lab), 2)
      },
    },
  ]),
  {
    name: 'while the store cannot claim nothing runs, and afterwards the key is free',
    run: async (lab) => {
      await inject(lab, { claim: 'fail' })
      const request = { as: 'alice', key: freshKey(), json: {} } as const
      isRefusal(await call(lab, charge, request), refused.storeUnavailable)
      await inject(lab, { claim: 'ok' })
      assert.equal(await runs(lab), 0)
      isReply(await call(lab, charge, request), 201)
    },
  },
  ...under({ idempotency: { storeTimeoutSeconds: 0.1, settleTimeoutSeconds: 0.1 } }, [
    {
      name: 'a store that does not answer a claim is given up in time, and nothing runs',
      run: async (lab) => {
        await inject(lab, { claim: 'hang' })
        isRefusal(await call(lab, charge, { as: 'alice', key: freshKey(), json: {} }), refused.storeUnavailable)
        await inject(lab, { claim: 'ok' })
        assert.equal(await runs(lab), 0)
      },
    },
    {
      name: 'a store that does not answer a settlement does not keep the reply from the client',
      run: async (lab) => {
        await inject(lab, { settle: 'hang' })
        const request = { as: 'alice', key: freshKey(), json: {} } as const
        const first = await call(lab, charge, request)
        isReply(first, 201)
        isRefusal(await call(lab, charge, request), refused.inProgress)
        await inject(lab, { settle: 'ok' })
        isReplayOf(first, await afterwards(lab, charge, request))
        assert.equal(await runs(lab), 1)
      },
    },
  ]),
  {
    name: 'a claim whose answer is lost runs nothing now and at most once later',
    run: async (lab) => {
      await inject(lab, { claim: 'lose-answer' })
      const request = { as: 'alice', key: freshKey(), json: {} } as const
      isRefusal(await call(lab, charge, request), refused.storeUnavailable)
      await inject(lab, { claim: 'ok' })
      assert.equal(await runs(lab), 0)
      const next = await call(lab, charge, request)
      if (next.status === 409) isRefusal(next, refused.inProgress)
      else isReply(next, 201)
    },
  },
  {
    name: 'a settlement that fails is repeated until it holds, and the client has its reply meanwhile',
    run: async (lab) => {
      await inject(lab, { settle: 'fail' })
      const request = { as: 'alice', key: freshKey(), json: {} } as const
      const first = await call(lab, charge, request)
      isReply(first, 201)
      isRefusal(await call(lab, charge, request), refused.inProgress)
      await inject(lab, { settle: 'ok' })
      isReplayOf(first, await afterwards(lab, charge, request))
      assert.equal(await runs(lab), 1)
    },
  },
  ...under({ idempotency: { onSettleFailure: 'refuse' } }, [
    {
      name: 'where an unsettled reply must not go out, it does not, and nothing runs again',
      run: async (lab) => {
        await inject(lab, { settle: 'fail' })
        const request = { as: 'alice', key: freshKey(), json: {} } as const
        isRefusal(await call(lab, charge, request), refused.storeUnavailable)
        await inject(lab, { settle: 'ok' })
        const settled = await afterwards(lab, charge, request)
        assert.equal(field(settled, 'idempotent-replayed'), 'true')
        assert.equal(settled.status, 201)
        assert.equal(await runs(lab), 1)
      },
    },
  ]),
  ...under({ idempotency: { onStoreError: 'bypass' } }, [
    {
      name: 'where unprotected is better than not at all, the reply says so',
      run: async (lab) => {
        await inject(lab, { claim: 'fail' })
        const request = { as: 'alice', key: freshKey(), json: {} } as const
        for (let times = 0; times < 2; times++) {
          const answer = await call(lab, charge, request)
          assert.equal(answer.status, 201)
          assert.equal(field(answer, 'idempotency-status'), 'bypassed')
        }
        assert.equal(await runs(lab), 2)
      },
    },
  ]),
]
