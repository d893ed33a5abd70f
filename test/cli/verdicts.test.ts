import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { repository } from '../architecture/source.js'
import { folder, json, latchkey } from './command.js'

const { path, remove } = folder()
afterAll(remove)
const env = { LATCHKEY_STORE: `sqlite:${join(path, 'latchkey.db')}` }

test('the page lists every exit code, by its name', async () => {
  const page = repository('.md')
    .find(({ path }) => path === 'docs/cli.md')!
    .text.split('\n## Exit codes\n')[1]!
  const listed = [...page.split('\n## ')[0]!.matchAll(/^\| (\d+) \| (\w+) \|/gm)].map(
    ([, code, name]) => `${name} ${code}`,
  )
  const source = repository('.ts').find(({ path }) => path === 'packages/cli/src/exit-codes.ts')!.text
  const [, table] = /exitCodes = \{(.*?)\n\}/s.exec(source)!
  const known = [...table!.matchAll(/^ {2}(\w+): (\d+),$/gm)].map(([, name, code]) => `${name} ${code}`)
  expect(known.length).toBeGreaterThan(5)
  expect(listed).toEqual(known)
})

describe('scan', () => {
  test('finds a key by its checksum, in text and across folders, and shows only which it is', async () => {
    const { key, id } = await json<{ key: string; id: string }>(['keys', 'issue', '--owner', 'o', '--reveal'], { env })
    const tree = join(path, 'tree')
    for (const name of ['src', '.git', 'node_modules']) mkdirSync(join(tree, name), { recursive: true })
    for (const name of ['src', '.git', 'node_modules']) writeFileSync(join(tree, name, 'a.ts'), `\n  key = '${key}'\n`)
    writeFileSync(join(tree, 'src', 'wrong.ts'), key.slice(0, -1) + (key.endsWith('0') ? '1' : '0'))
    writeFileSync(join(tree, 'src', 'binary'), Buffer.from(`\0${key}`))
    const run = await latchkey(['scan', tree])
    expect(run).toMatchObject({ code: 1, stdout: `${join(tree, 'src', 'a.ts')}:2:10: acme_live_${id}_…\n` })
    const { findings } = await json<{ findings: unknown[] }>([
      'scan',
      tree,
      '--binary',
      '--lookalikes',
      '--prefixes',
      'acme',
    ])
    expect(findings).toHaveLength(3)
    expect((await latchkey(['scan', tree, '--prefixes', 'other'])).code).toBe(0)
    expect((await latchkey(['scan', '-'], { input: key })).code).toBe(1)
  })

  test('of what is not there ends with 2', async () => {
    expect(await latchkey(['scan', join(path, 'nowhere')])).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('vectors', () => {
  const file = fileURLToPath(new URL('../vectors/signatures.json', import.meta.url))

  test('every published vector is verified as it expects', async () => {
    const { code, stdout } = await latchkey(['vectors', file])
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('168 passed, 0 failed')
    expect(code).toBe(0)
  })

  test('a difference ends with 1, and what is no file of vectors with 2', async () => {
    const [vector] = JSON.parse(readFileSync(file, 'utf8'))
    const wrong = await latchkey(['vectors', '-'], { input: JSON.stringify([{ ...vector, expect: 'invalid' }]) })
    expect(wrong).toMatchObject({ code: 1, stdout: expect.stringContaining('expected invalid, found valid') })
    expect((await latchkey(['vectors', '-'], { input: '{}' })).code).toBe(2)
    expect(await latchkey(['vectors', '-'], { input: '[{"secret":"canary' })).toMatchObject({
      code: 2,
      stderr: expect.not.stringContaining('canary'),
    })
  })
})

describe('sign and verify', () => {
  const secret = { LATCHKEY_SIGNING_SECRET: "It's a Secret to Everybody" }

  test('sign as GitHub’s own example does', async () => {
    const { stdout } = await latchkey(['sign', 'github'], { input: 'Hello, World!', env: secret })
    expect(stdout).toBe(
      'x-hub-signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17\n',
    )
  })

  test.each(['standard-webhooks', 'svix', 'github', 'stripe', 'slack'])(
    '%s: what was signed is verified, and else not',
    async (preset) => {
      const body = join(path, 'body')
      writeFileSync(body, Buffer.from([0, 255, 10, 13]))
      const key = join(path, 'secret')
      writeFileSync(key, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n')
      const message = [preset, '--body', body, '--secret-file', key]
      const headers = Object.entries(await json<Record<string, string>>(['sign', ...message]))
      const lines = headers.flatMap(([name, value]) => ['-H', `${name}: ${value}`])
      expect((await latchkey(['verify', ...message, ...lines])).code).toBe(0)
      const other = await latchkey(['verify', preset, '--secret-file', key, ...lines, '--json'], { input: 'other' })
      expect(other.code).toBe(1)
      expect(JSON.parse(other.stdout)).toEqual({ isValid: false, reason: 'mismatch' })
    },
  )

  test('an unknown preset, and a secret that is not there, end with 2', async () => {
    expect((await latchkey(['sign', 'nobody'], { env: secret })).code).toBe(2)
    expect((await latchkey(['sign', 'github'])).code).toBe(2)
  })
})

describe('settings', () => {
  const cwd = join(path, 'configured')
  mkdirSync(cwd)

  test('come from a file where neither an option nor the environment has them', async () => {
    writeFileSync(
      join(cwd, 'latchkey.config.json'),
      JSON.stringify({ store: 'sqlite:./own/keys.db', prefix: 'shop', environments: ['prod'] }),
    )
    const issue = ['keys', 'issue', '--owner', 'o', '--reveal']
    expect(await json(issue, { cwd })).toMatchObject({ prefix: 'shop', environment: 'prod' })
    expect(await json(issue, { cwd, env: { LATCHKEY_PREFIX: 'mall' } })).toMatchObject({ prefix: 'mall' })
    expect(await json([...issue, '--prefix', 'stall'], { cwd, env: { LATCHKEY_PREFIX: 'mall' } })).toMatchObject({
      prefix: 'stall',
    })
  })

  test('that nobody knows are refused by name, by the doctor, too', async () => {
    writeFileSync(join(cwd, 'wrong.json'), '{"stoer":"sqlite:x.db"}')
    const run = await latchkey(['doctor', '--config', 'wrong.json'], { cwd })
    expect(run.code).toBe(2)
    expect(run.stdout).toContain('there is no setting "stoer"')
  })
})

describe('idempotency records', () => {
  test('are found by key and scope, and settled by hand', async () => {
    const { sqliteStore } = await import('@latchkey/stores/sqlite')
    const { recordId } = await import('@latchkey/core')
    const file = join(path, 'records.db')
    let nowMs = Date.now() - 60_000
    const store = sqliteStore({ file, now: () => nowMs })
    const id = recordId({ kind: 'caller', value: 'org_1' }, 'k1')
    const claim = { id, scope: 's'.repeat(43), fingerprint: 'f'.repeat(43), token: 't'.repeat(22) }
    await store.idempotency.claim({ ...claim, leaseSeconds: 1, ttlSeconds: 86_400, takeOver: false })
    nowMs += 60_000
    await store.close()
    const at = ['--store', `sqlite:${file}`]
    const named = ['--key', 'k1', '--caller', 'org_1', ...at]
    expect(await json(['idempotency', 'list', ...at])).toMatchObject({ records: [{ id, state: 'lapsed' }] })
    const settle = ['idempotency', 'settle', ...named, '--status', '201', '-H', 'location: /p/1', '--body-file', '-']
    expect((await latchkey(settle, { input: '{"paid":true}' })).code).toBe(0)
    expect(await json(['idempotency', 'show', ...named, '--body'])).toMatchObject({
      state: 'settled',
      reply: { status: 201, bodyBase64: Buffer.from('{"paid":true}').toString('base64') },
    })
    expect((await latchkey([...settle], { input: '' })).code).toBe(5)
    expect((await latchkey(['idempotency', 'release', id, ...at])).code).toBe(0)
    expect((await latchkey(['idempotency', 'show', id, ...at])).code).toBe(3)
  })
})

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish'])('prints a script for %s', async (shell) => {
    const { code, stdout } = await latchkey(['completion', shell])
    expect(code).toBe(0)
    expect(stdout).toContain('latchkey')
  })

  test('offers commands and options', async () => {
    expect((await latchkey(['complete', '--', 'keys', 'ro'])).stdout).toMatch(/^rotate\t/m)
    expect((await latchkey(['complete', '--', 'keys', 'rotate', '--gr'])).stdout).toMatch(/^--grace-from\t/m)
  })
})
