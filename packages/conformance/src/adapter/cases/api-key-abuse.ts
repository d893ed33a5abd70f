import assert from 'node:assert/strict'
import { isKeyRefusal, keyRefusals, strangersKey } from '../api-key-refusals.js'
import { call, field, freshKey, runs } from '../call.js'
import { isReply } from '../expectations.js'
import { type AdapterCase, type Lab, under } from '../lab.js'
import { exchange } from '../wire.js'

const whoami = 'GET /whoami'
const stranger = (lab: Lab) => call(lab, whoami, { headers: { Authorization: `Bearer ${strangersKey()}` } })

const throttled = under({ apiKey: { failureThrottle: { limit: 3, windowSeconds: 3600 } } }, [
  {
    name: 'a source that has failed too often is held off, and a key in use still passes',
    run: async (lab) => {
      isReply(await call(lab, whoami, { as: 'alice' }), 200)
      for (let failure = 0; failure < 3; failure++) isKeyRefusal(await stranger(lab), keyRefusals.invalid)
      const answer = await stranger(lab)
      const retryAfter = field(answer, 'retry-after') ?? ''
      isKeyRefusal(answer, { ...keyRefusals.tooManyFailures, retryAfter: [retryAfter] })
      assert.match(retryAfter, /^([1-9]\d{0,2}|[12]\d{3}|3[0-5]\d\d|3600)$/)
      isReply(await call(lab, whoami, { as: 'alice' }), 200)
      isKeyRefusal(await call(lab, whoami), keyRefusals.missing)
      const malformed = await call(lab, whoami, { headers: { Authorization: 'Bearer acme_live_short' } })
      isKeyRefusal(malformed, keyRefusals.invalid)
    },
  },
])

const unthrottled = under({ apiKey: { failureThrottle: false } }, [
  {
    name: 'where the throttle is off, a stranger gets the same answer however often it tries',
    run: async (lab) => {
      for (let failure = 0; failure < 305; failure++) isKeyRefusal(await stranger(lab), keyRefusals.invalid)
    },
  },
])

const secured = under({ apiKey: { requireHttps: true } }, [
  {
    name: 'where HTTPS is required, plain HTTP is refused before the key is looked at, and is not sent elsewhere',
    run: async (lab) => {
      const answers = [
        await call(lab, whoami),
        await call(lab, whoami, { as: 'alice' }),
        await call(lab, whoami, { as: 'alice', headers: { 'X-Forwarded-Proto': 'https' } }),
        await call(lab, 'POST /idem/charge', { as: 'alice', key: freshKey(), json: { amount: 1 } }),
      ]
      for (const answer of answers) {
        isKeyRefusal(answer, keyRefusals.plainHttp)
        assert.equal(field(answer, 'location'), undefined)
      }
      assert.equal(await runs(lab), 0)
    },
  },
  {
    name: 'where HTTPS is required, a request target that claims it proves nothing about the connection',
    run: async (lab) => {
      for (const target of ['https://lab/whoami', 'https://lab:443/whoami']) {
        const head = [`GET ${target} HTTP/1.1`, 'Host: lab', `X-API-Key: ${lab.keys.alice}`]
        isKeyRefusal(await exchange(lab, head), keyRefusals.plainHttp, target)
      }
    },
  },
])

/** What the API-key guard does about those who try keys, and about keys that are sent in the clear. */
export const apiKeyAbuseCases: readonly AdapterCase[] = [...throttled, ...unthrottled, ...secured]
