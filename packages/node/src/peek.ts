import { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'

/** A stream that closed before its last byte had come. `cause` is the stream's own error, where it had one. */
export class StreamLost extends Error {
  override readonly name = 'StreamLost'
}

/**
 * Reads a stream to its last byte without ending it: what was read can be put back with `unshift`, and whoever reads the
 * stream after that finds it untouched.
 *
 * @param take is handed each piece, in order; what it throws ends the reading.
 * @param over is called once, when all has arrived or with what ended the reading: the moment, and the only one, to put back.
 * @returns a function that ends the reading with a reason of one's own; `undefined` where it is over already.
 */
export function peek(
  stream: Readable,
  take: (piece: unknown) => void,
  over: (fault?: unknown) => void,
): ((fault: unknown) => void) | undefined {
  let isOver = false
  const finish = (fault?: unknown): void => {
    if (isOver) return
    isOver = true
    EventEmitter.prototype.removeListener.call(stream, 'readable', read)
    stream.removeListener('close', lost)
    stream.removeListener('error', lost)
    over(fault)
  }
  const lost = (cause?: Error): void => finish(new StreamLost('The stream closed before its end', { cause }))
  const read = (): void => {
    try {
      while (hasPieces(stream)) take(stream.read())
    } catch (fault) {
      finish(fault)
    }
    if (hasArrived(stream)) finish()
    else if (stream.destroyed) lost(stream.errored ?? undefined)
  }
  read()
  if (isOver) return undefined
  // The emitter's own `on`: the stream's would schedule a read that ends an empty body, and would leave the stream paused.
  EventEmitter.prototype.on.call(stream, 'readable', read)
  stream.on('close', lost)
  stream.on('error', lost)
  return finish
}

/** Whether there is something to read. Once all has arrived an empty buffer is left alone: reading it ends the stream. */
function hasPieces(stream: Readable): boolean {
  if (stream.readableLength === 0 && !hasArrived(stream)) stream.read(0)
  return stream.readableLength > 0
}

/** Whether the stream's last byte is here. The public properties tell that only after `end`, and that is too late. */
export function hasArrived(stream: Readable): boolean {
  const { _readableState: state } = stream as Readable & { readonly _readableState: { readonly ended: boolean } }
  return state.ended
}
