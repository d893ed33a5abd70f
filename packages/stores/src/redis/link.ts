import type { Deadline } from '../deadlines.js'
import type { RedisArgument } from './client.js'

export type Command = readonly RedisArgument[]

/** Sends one command to one server, and answers with the reply, texts in it as bytes. What has not left by the deadline never does. */
export type Send = (command: Command, deadline?: Deadline) => Promise<unknown>

/** A command of several that go together. */
export interface Sent {
  readonly command: Command
  readonly deadline?: Deadline
}

/** What the store makes of each client. */
export interface Link {
  /** What the client itself puts before the keys of a command, but not before a pattern. */
  readonly ownPrefix: string
  /**
   * While the client has no connection: how its next attempt ends. Only of clients that would keep a command until then, and send
   * it although its caller has given up.
   */
  connected?(): Promise<void> | undefined
  /** To the master that serves this key. */
  send(key: string, command: Command, deadline?: Deadline): Promise<unknown>
  /**
   * All on one connection, one after the other, with nothing waiting for the reply before: one round trip. Where the connection
   * breaks, what follows is not sent on another. Absent where keys are spread over several servers.
   */
  together?(commands: readonly Sent[]): Promise<readonly PromiseSettledResult<unknown>[]>
  /** All masters there are. */
  masters(): Promise<readonly Send[]>
}

export type Methods = Readonly<Record<string, unknown>>

export function isMethod(client: unknown, name: string): client is Methods {
  return typeof (client as Methods)[name] === 'function'
}
