import assert from 'node:assert/strict'
import { begin, call, field, freshKey, jsonOf, runs } from '../call.js'
import { isRefusal, isReplayOf, isReply, refused } from '../expectations.js'
import { type AdapterCase, under } from '../lab.js'
import { twice } from '../twice.js'

export const unstorableReplyCases: readonly AdapterCase[] = [
  {
    name: 'an event stream reaches the client live and is not run again',
    run: async (lab) => {
      const request = { as: 'alice', key: freshKey(), json: {} } as const
      const response = await begin(lab, 'POST /idem/charge?kind=sse&events=3', request)
      const pieces: string[] = []
      for await (const piece of response) pieces.push(String(piece))
      assert.equal(response.statusCode, 200)
      assert.ok(!pieces[0]!.includes('"number":3'), 'the stream was held back')
      assert.equal(pieces.join('').match(/event: tick/g)?.length, 3)
      const again = await call(lab, 'POST /idem/charge?kind=sse&events=3', request)
      isRefusal(again, { ...refused.responseUnavailable, members: { originalStatus: 200 } })
      assert.equal(await runs(lab), 1)
    },
  },
  {
    name: 'an event stream that its client leaves midway is not run again',
    run: async (lab) => {
      const request = { as: 'alice', key: freshKey(), json: {} } as const
      const line = 'POST /idem/charge?kind=sse&events=50'
      const response = await begin(lab, line, request)
      await new Promise((resolve) => response.once('data', resolve))
      response.destroy()
      isRefusal(await call(lab, line, request), { ...refused.responseUnavailable, members: { originalStatus: 200 } })
      assert.equal(await runs(lab), 1)
    },
  },
  {
    name: 'a large reply that its client leaves midway is not run again',
    run: async (lab) => {
      const request = { as: 'alice', key: freshKey(), json: {} } as const
      const line = 'POST /idem/charge?kind=stream&bytes=9000000'
      const response = await begin(lab, line, request)
      await new Promise((resolve) => response.once('data', resolve))
      response.destroy()
      isRefusal(await call(lab, line, request), { ...refused.responseUnavailable, members: { originalStatus: 201 } })
      assert.equal(await runs(lab), 1)
    },
  },
  {
    name: 'a reply that mints a secret is seen once',
    run: async (lab) => {
      const [first, again] = await twice('kind=secret', lab)
      isReply(first, 201)
      assert.equal(jsonOf(first).secret, `minted-${jsonOf(first).run}`)
      const location = field(first, 'location')
      isRefusal(again, { ...refused.responseUnavailable, members: { originalStatus: 201, location } })
      assert.equal(field(again, 'location'), location)
      assert.equal(await runs(lab), 1)
    },
  },
  {
    name: 'a reply over 1 MiB goes out whole and is not run again',
    run: async (lab) => {
      for (const kind of ['text', 'stream', 'binary']) {
        const [first, again] = await twice(`kind=${kind}&bytes=1100000`, lab)
        isReply(first, 201)
        assert.equal(first.body.length, 1_100_000)
        isRefusal(again, { ...refused.responseUnavailable, members: { originalStatus: 201 } })
      }
      assert.equal(await runs(lab), 3)
    },
  },
  ...under({ idempotency: { maxReplyBytes: 1000 } }, [
    {
      name: 'the limit of a reply is its last byte',
      run: async (lab) => {
        const [atLimit, replayed] = await twice('kind=stream&bytes=1000', lab)
        isReplayOf(atLimit, replayed)
        const [over, refusal] = await twice('kind=stream&bytes=1001', lab)
        assert.equal(over.body.length, 1001)
        isRefusal(refusal, { ...refused.responseUnavailable, members: { originalStatus: 201 } })
      },
    },
  ]),
]
