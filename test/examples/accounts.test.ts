import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { testClock } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { frameworks, openExample, publicUrl } from './payments-api.js'

const reset = '/password-resets'
const confirmation = '/email-confirmations'
const password = 'correct horse battery staple'

const clock = testClock()
let api: Awaited<ReturnType<typeof openExample>>
let owner: string
afterEach(() => api.close())

const post = (path: string, body: object) => api.http.post(path).send(body)
const confirm = (path: string, token: unknown, fields: object = { password }) =>
  post(`${path}/confirm`, { token, ...fields })
const requestReset = (email = 'alice@example.com') => post(reset, { email })
const requestConfirmation = (email: string) =>
  api.http.post(`/v1${confirmation}`).set('authorization', `Bearer ${owner}`).send({ email })

/** The token of the mail that the request brings about. */
async function mailed(request: () => PromiseLike<{ status: number }>): Promise<string> {
  const before = api.mails.length
  expect((await request()).status).toBe(202)
  await vi.waitUntil(() => api.mails.length > before)
  return api.mails[before]!.text.split('#')[1]!
}

/** Status, headers and body, without what differs between any two responses. */
const bytesOf = ({ status, headers, text }: { status: number; headers: Record<string, string>; text: string }) => {
  const { date, ...rest } = headers
  return { status, headers: rest, text }
}

describe.each(frameworks)('the accounts of the example on %s', (framework) => {
  beforeEach(async () => {
    api = await openExample(framework, clock.now)
    await api.accounts.add('org_alice', 'alice@example.com')
    await api.accounts.add('org_bob', 'bob@example.com')
    owner = await api.keyOf('org_alice', 'account:write')
  })

  it('set a new password with the link of the mail, once', async () => {
    const token = await mailed(requestReset)
    expect(await api.accounts.isPassword('org_alice', password)).toBe(false)
    const first = await confirm(reset, token)
    expect([first.status, first.text, first.get('Cache-Control')]).toEqual([204, '', 'no-store'])
    expect(await api.accounts.isPassword('org_alice', password)).toBe(true)
    const second = await confirm(reset, token, { password: 'another password' })
    expect([second.status, second.type, second.body.code]).toEqual([410, 'application/problem+json', 'link-not-valid'])
    expect(await api.accounts.isPassword('org_alice', password)).toBe(true)
  })

  it('let exactly one of 50 parallel uses win', async () => {
    const token = await mailed(requestReset)
    const uses = await Promise.all(Array.from({ length: 50 }, () => confirm(reset, token)))
    expect(uses.map(({ status }) => status).sort()).toEqual([204, ...Array(49).fill(410)])
  })

  it('leave only hashes in the database', async () => {
    const tokens = [await mailed(requestReset), await mailed(() => requestConfirmation('new@example.com'))]
    const files = readdirSync(api.folder).map((name) => readFileSync(join(api.folder, name), 'latin1'))
    const held = files.join('\n')
    expect(held).toContain('email-confirmation')
    for (const token of tokens) expect(held).not.toContain(token)
    await confirm(reset, tokens[0])
    const after = readdirSync(api.folder).map((name) => readFileSync(join(api.folder, name), 'latin1'))
    expect(after.join('\n')).not.toContain(password)
  })

  it.each([reset, confirmation])('show a page under %s/confirm that uses no token up and holds none', async (path) => {
    const token = await mailed(path === reset ? requestReset : () => requestConfirmation('new@example.com'))
    const [page, again] = [await api.http.get(`${path}/confirm`), await api.http.get(`${path}/confirm?token=${token}`)]
    expect((await api.http.head(`${path}/confirm?token=${token}`)).status).toBe(200)
    expect([page.status, page.type, page.get('Cache-Control')]).toEqual([200, 'text/html', 'no-store'])
    expect(page.get('Referrer-Policy')).toBe('no-referrer')
    expect(bytesOf(again)).toEqual(bytesOf(page))
    expect(page.text).not.toContain(token)
    const [, script] = page.text.split(/<\/?script>/)
    const hash = createHash('sha256').update(script!).digest('base64')
    expect(page.get('Content-Security-Policy')).toContain(`script-src 'sha256-${hash}'`)
    expect((await confirm(path, token)).status).toBe(204)
  })

  it('say the same whether there is such an account or not', async () => {
    const known = await requestReset()
    await vi.waitUntil(() => api.mails.length === 1)
    for (const body of [{ email: 'nobody@example.com' }, { email: 7 }, { email: '' }, {}, []]) {
      expect(bytesOf(await post(reset, body))).toEqual(bytesOf(known))
    }
    await mailed(() => requestReset('bob@example.com'))
    expect(api.mails.map(({ to }) => to)).toEqual(['alice@example.com', 'bob@example.com'])
  })

  it('refuse expired, used, unknown, malformed and foreign tokens with the same bytes', async () => {
    const foreign = await mailed(() => requestConfirmation('new@example.com'))
    const expired = await mailed(requestReset)
    clock.advanceSeconds(1800)
    const used = await mailed(() => requestReset('bob@example.com'))
    expect((await confirm(reset, used)).status).toBe(204)
    const refused = await confirm(reset, 'A'.repeat(43))
    expect(refused.status).toBe(410)
    for (const token of [expired, used, foreign, 'A', '', null, 7, { $ne: '' }, [foreign]]) {
      expect(bytesOf(await confirm(reset, token))).toEqual(bytesOf(refused))
    }
    // Another purpose has burnt nothing.
    expect((await confirm(confirmation, foreign)).status).toBe(204)
  })

  it('do not spend a link on a password that is refused', async () => {
    const token = await mailed(requestReset)
    for (const refused of ['short', 'x'.repeat(201), undefined, 7]) {
      const { status, body } = await confirm(reset, token, { password: refused })
      expect([status, body.code]).toEqual([422, 'password-too-short'])
    }
    expect((await confirm(reset, token)).status).toBe(204)
  })

  it('end an earlier link with the next one, and every other link with a new password', async () => {
    const earlier = await mailed(requestReset)
    const last = await mailed(requestReset)
    const address = await mailed(() => requestConfirmation('new@example.com'))
    const others = await mailed(() => requestReset('bob@example.com'))
    expect((await confirm(reset, earlier)).status).toBe(410)
    expect((await confirm(reset, last)).status).toBe(204)
    expect((await confirm(confirmation, address)).status).toBe(410)
    expect((await confirm(reset, others)).status).toBe(204)
  })

  it('take a new address when it is confirmed, not before, and void links that went to the former one', async () => {
    const former = await mailed(requestReset)
    const token = await mailed(() => requestConfirmation('new@example.com'))
    expect(api.mails.at(-1)).toMatchObject({ to: 'new@example.com' })
    expect(await api.accounts.find('org_alice')).toEqual({ id: 'org_alice', email: 'alice@example.com' })
    expect((await confirm(confirmation, token)).status).toBe(204)
    expect(await api.accounts.find('org_alice')).toEqual({ id: 'org_alice', email: 'new@example.com' })
    expect((await confirm(reset, former)).status).toBe(410)
    expect((await confirm(confirmation, token)).status).toBe(410)
  })

  it('leave an address to the account that has it', async () => {
    const token = await mailed(() => requestConfirmation('BOB@example.com'))
    const taken = await confirm(confirmation, token)
    expect([taken.status, taken.body.code]).toEqual([409, 'address-taken'])
    expect(await api.accounts.find('org_alice')).toEqual({ id: 'org_alice', email: 'alice@example.com' })
  })

  it('ask who wants another address', async () => {
    const email = 'new@example.com'
    expect((await post(`/v1${confirmation}`, { email })).status).toBe(401)
    const stranger = api.http.post(`/v1${confirmation}`).set('authorization', `Bearer ${api.reader}`)
    expect((await stranger.send({ email })).status).toBe(403)
    expect((await requestConfirmation('no address')).status).toBe(202)
    await mailed(() => requestConfirmation(email))
    expect(api.mails).toHaveLength(1)
  })

  it('put their configured address in links, whatever the request says of its host', async () => {
    await mailed(() => requestReset().set('host', 'evil.example').set('x-forwarded-host', 'evil.example'))
    expect(api.mails[0]!.text).toContain(`${publicUrl}${reset}/confirm#`)
    expect(api.mails[0]!.text).not.toContain('evil')
  })

  it('ask for another try while the store is locked, and keep the link', async () => {
    const token = await mailed(requestReset)
    const refused = await api.whileLocked('IMMEDIATE', () => confirm(reset, token))
    expect([refused.status, refused.body.code, refused.get('Retry-After')]).toEqual([503, 'links-unavailable', '1'])
    expect((await confirm(reset, token)).status).toBe(204)
  })
})
