import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The program as a shell finds it. */
export const program = fileURLToPath(new URL('../../packages/cli/bin/latchkey.js', import.meta.url))

/** What a run of the program left behind. */
export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** What is on standard input; nothing, unless it is told. */
  readonly input?: string | Buffer
}

const bare = Object.entries(process.env).filter(([name]) => !/^(LATCHKEY_|NODE_|NO_COLOR|FORCE_COLOR|CI$)/.test(name))

/** The environment without anything that the program reads, and with what was given. */
export function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...Object.fromEntries(bare), ...more }
}

/** Runs `latchkey` with these arguments, with no terminal anywhere, and waits for its end. */
export async function latchkey(args: readonly string[], { cwd, env, input = '' }: RunOptions = {}): Promise<Run> {
  const child = spawn(process.execPath, [program, ...args], { cwd, env: environment(env) })
  child.stdin.on('error', () => undefined).end(input)
  return finished(child)
}

/** Waits for a process, and collects what it writes. */
export async function finished(child: ChildProcess): Promise<Run> {
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
    })
  }
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...texts }
}

/** The value that a run printed with `--json`. */
export async function json<Value = Record<string, unknown>>(
  args: readonly string[],
  options?: RunOptions,
): Promise<Value> {
  const run = await latchkey([...args, '--json'], options)
  if (run.stdout === '') throw new Error(`latchkey ${args.join(' ')} printed nothing: ${run.stderr}`)
  return JSON.parse(run.stdout) as Value
}

/** Why tests in a terminal cannot run here; `undefined`: they can. */
export function noTerminal(): string | undefined {
  const { status, stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' })
  return status === 0 && stdout.includes('util-linux') ? undefined : 'there is no script of util-linux here'
}

/** Runs a line of the shell in a terminal of its own; `talk` is told what the terminal shows so far, and may type. */
export async function inTerminal(
  line: string,
  { cwd, env }: RunOptions = {},
  talk?: (shown: string, type: (keys: string) => void) => void,
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd,
    env: environment({ SHELL: '/bin/bash', TERM: 'xterm', COLUMNS: '200', ...env }),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    talk?.(shown, (keys) => void child.stdin.write(keys))
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, shown: shown.replaceAll('\r\n', '\n') }
}

/** The program in a line of the shell. */
export function shellLine(...args: readonly string[]): string {
  return [process.execPath, program, ...args].map((part) => `'${part.replaceAll("'", "'\\''")}'`).join(' ')
}

/** A folder of the test's own. */
export function folder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-cli-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
