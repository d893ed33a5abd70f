import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A server in a process of its own, which prints a line of JSON with its `url` once it listens. */
export interface ServerProcess {
  readonly url: string
  /** Everything that it wrote to standard output. */
  output(): string
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** Sends the signal and waits for the end; answers the exit code, or `null` where a signal ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
  /** The exit code, or `null`, once it has ended. */
  readonly ended: Promise<number | null>
}

const running = new Set<ChildProcess>()

/** Ends what the tests have started, also what does not listen yet. */
export async function endProcesses(): Promise<void> {
  const ends = [...running].map((child) => once(child, 'exit'))
  for (const child of running) child.kill('SIGKILL')
  await Promise.all(ends)
}

/** Starts a compiled script with these arguments, in a process of its own. */
export async function serverProcess(script: string, args: readonly string[]): Promise<ServerProcess> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const lines: string[] = []
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line))
  const failed = ended.then((code) => Promise.reject(new Error(`${script} ended with ${code} before it listened`)))
  await Promise.race([once(reader, 'line'), failed])
  failed.catch(() => undefined)
  const { url } = JSON.parse(lines[0]!) as { url: string }
  return {
    url,
    output: () => lines.join('\n'),
    signal: (name) => void child.kill(name),
    end: (signal) => {
      child.kill(signal)
      return ended
    },
    ended,
  }
}
