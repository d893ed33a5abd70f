import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { environment, folder, inTerminal, json, latchkey, noTerminal, program, shellLine } from './command.js'

const { path, remove } = folder()
afterAll(remove)
const env = { LATCHKEY_STORE: `sqlite:${join(path, 'data', 'latchkey.db')}` }
const aKey = /\bacme_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\b/
const listed = async () => (await json<{ keys: { id: string }[] }>(['keys', 'list'], { env })).keys

describe('a secret, where nobody would see it', () => {
  test('is not made: no key is issued without --reveal', async () => {
    expect(await latchkey(['keys', 'issue', '--owner', 'org_1', '--json'], { env })).toMatchObject({
      code: 2,
      stdout: '',
    })
    expect(await listed()).toEqual([])
  })

  test('is not made: no key is rotated without --reveal', async () => {
    const { id } = await json<{ id: string }>(['keys', 'issue', '--owner', 'org_1', '--reveal'], { env })
    expect(await latchkey(['keys', 'rotate', id], { env })).toMatchObject({ code: 2, stdout: '' })
    expect(await json(['keys', 'show', id], { env })).toMatchObject({ rotatedTo: null })
  })

  test.each(['token', 'passphrase'])('is not made: no %s without --reveal', async (command) => {
    expect(await latchkey([command])).toMatchObject({ code: 2, stdout: '' })
    expect((await latchkey([command, '--reveal'])).stdout).toMatch(/^\S.{20,}\n$/)
  })
})

describe('a secret as an argument', () => {
  test('is refused and not repeated', async () => {
    const key = 'acme_live_4fQ2v9sKx0Lb_rT3yWq8ZpLmN5vXc7BaHdJ2kGfE9sUoYi1nCjR4tVwMxQ6z0P'
    for (const args of [
      ['keys', 'show', key],
      ['keys', 'inspect', key],
      ['keys', 'revoke', key],
    ]) {
      const { code, stdout, stderr } = await latchkey(args, { env })
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).not.toContain(key.slice(-49))
    }
  })

  test('of a store’s URL is not shown when the store is not there', async () => {
    for (const url of [
      'redis://bob:hunter2@127.0.0.1:1/0',
      'postgres://bob:hunter2@127.0.0.1:1/app?password=hunter2',
    ]) {
      const { code, stdout, stderr } = await latchkey(['keys', 'list', '--store', url])
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
      expect(stderr).toMatch(/^latchkey: \w+:\/\/127\.0\.0\.1:1\/\w+: .*ECONNREFUSED.*\n$/)
      expect(stderr).not.toMatch(/hunter2|bob/)
    }
  })
})

test('peppers that do not fit are refused without a word of them', async () => {
  for (const LATCHKEY_PEPPERS of ['hunter2 is not JSON', '{"current":"a","secrets":{"a":"hunter2"}}', '["hunter2"]']) {
    const { code, stderr } = await latchkey(['keys', 'list'], { env: { ...env, LATCHKEY_PEPPERS } })
    expect(code).toBe(2)
    expect(stderr).not.toContain('hunter2')
  }
})

describe.skipIf(noTerminal() !== undefined)(noTerminal() ?? 'in a terminal', () => {
  test('a new key is shown', async () => {
    const { code, shown } = await inTerminal(shellLine('keys', 'issue', '--owner', 'org_2'), { env })
    expect(code).toBe(0)
    expect(shown).toMatch(aKey)
  })

  test('a key to inspect is asked for, and not shown', async () => {
    const { key, id } = await json<{ key: string; id: string }>(['keys', 'issue', '--owner', 'org_3', '--reveal'], {
      env,
    })
    let isAsked = false
    const { code, shown } = await inTerminal(shellLine('keys', 'inspect'), { env }, (text, type) => {
      if (isAsked || !text.includes('Key: ')) return
      isAsked = true
      type(`${key}\r`)
    })
    expect(code).toBe(0)
    expect(shown).toContain(id)
    expect(shown).not.toContain(key.slice(-49))
  })

  test('an interrupt at the question ends with 130, without a stack', async () => {
    let isAsked = false
    const { code, shown } = await inTerminal(shellLine('keys', 'inspect'), { env }, (text, type) => {
      if (isAsked || !text.includes('Key: ')) return
      isAsked = true
      type('\u0003')
    })
    expect(code).toBe(130)
    expect(shown).not.toMatch(/^\s+at /m)
  })
})

test('what a store holds is shown without its control characters', async () => {
  // A store of whatever origin: the program itself would not write such a name.
  const { sqliteStore } = await import('@latchkey/stores/sqlite')
  const file = join(path, 'strange.db')
  const store = sqliteStore({ file })
  const { id } = await json<{ id: string }>(['keys', 'issue', '--owner', 'o', '--reveal', '--store', `sqlite:${file}`])
  await store.keys.update(id, { name: 'good\u001b[2Jbad\u202e' })
  await store.close()
  for (const more of [[], ['--json']]) {
    const { stdout } = await latchkey(['keys', 'list', '--store', `sqlite:${file}`, ...more])
    expect(stdout).toContain('good\\u001b[2Jbad\\u202e')
  }
})

test('a reader that has gone ends the program quietly', async () => {
  const child = spawn(process.execPath, [program, 'migrate', '--print'], { env: environment() })
  child.stdout.destroy()
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  expect({ code, stderr }).toEqual({ code: 141, stderr: '' })
})
