import { BodyError, type BodyOptions, HeldBytes, HeldShare } from '@latchkey/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readRequest } from './read-request.js'
import { SharedBody } from './shared-body.js'

const within: BodyOptions = { maxBytes: 10, timeoutSeconds: 5 }

/** A request whose sender is in our hands. */
function sending(headers: HeadersInit = {}): { request: Request; sender: ReadableStreamDefaultController<Uint8Array> } {
  let sender!: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      sender = controller
    },
  })
  const request = new Request('http://host.test/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)
  return { request, sender }
}

const bytes = (length: number) => new Uint8Array(length).fill(7)
const fault = (body: Promise<unknown>) =>
  body.then(
    () => 'read',
    (error: unknown) => (error as BodyError).fault,
  )

const share = new HeldShare(new HeldBytes())

afterEach(() => {
  share.release()
  vi.useRealTimers()
})

describe('a body within bounds', () => {
  it('is exactly what was sent, in whatever pieces', async () => {
    const { request, sender } = sending()
    const pieces: number[] = []
    const body = readRequest(request, { ...within, onChunk: (piece) => pieces.push(piece.length) }, share)
    for (const length of [1, 2, 3, 4]) sender.enqueue(bytes(length))
    sender.close()
    expect(await body).toEqual(bytes(10))
    expect(pieces).toEqual([1, 2, 3, 4])
  })

  it('is refused by its declared length before a byte is read', async () => {
    const { request } = sending({ 'content-length': '11' })
    expect(await fault(readRequest(request, within, share))).toBe('too-large')
    expect(request.bodyUsed).toBe(false)
  })

  it('is refused as soon as it grows over the limit, whatever it declared', async () => {
    const { request, sender } = sending({ 'content-length': '3' })
    const body = readRequest(request, within, share)
    sender.enqueue(bytes(11))
    expect(await fault(body)).toBe('too-large')
  })

  it('is read on a little after a refusal, so that its sender gets to the answer', async () => {
    const pulled: number[] = []
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          pulled.push(1)
          controller.enqueue(bytes(512 * 1024))
        },
      },
      { highWaterMark: 0 },
    )
    const request = new Request('http://host.test/', { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect(await fault(readRequest(request, within, share))).toBe('too-large')
    await vi.waitFor(() => expect(pulled.length).toBe(3))
    await new Promise((resolve) => setImmediate(resolve))
    expect(pulled.length).toBe(3)
  })

  it('is refused when its last byte has not come in time', async () => {
    vi.useFakeTimers()
    const { request, sender } = sending()
    const body = fault(readRequest(request, within, share))
    sender.enqueue(bytes(1))
    await vi.advanceTimersByTimeAsync(4999)
    sender.enqueue(bytes(1))
    await vi.advanceTimersByTimeAsync(1)
    expect(await body).toBe('timeout')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is aborted when its sender is lost', async () => {
    const { request, sender } = sending()
    const body = readRequest(request, within, share)
    sender.enqueue(bytes(1))
    sender.error(new Error('reset'))
    expect(await fault(body)).toBe('aborted')
  })

  it('hands on what an observer of its pieces throws', async () => {
    const { request, sender } = sending()
    const onChunk = () => {
      throw new Error('mine')
    }
    const body = readRequest(request, { ...within, onChunk }, share)
    sender.enqueue(bytes(1))
    await expect(body).rejects.toThrow('mine')
  })
})

describe('the memory of the whole process', () => {
  it('is bounded over all bodies at once, and given back when a request is over', async () => {
    const options = { ...within, maxBufferedBytes: 12 }
    const first = sending()
    const shared = new SharedBody((own, share) => readRequest(first.request, own, share))
    const held = shared.read(options)
    first.sender.enqueue(bytes(10))
    first.sender.close()
    await held

    const second = sending()
    const other = new SharedBody((own, share) => readRequest(second.request, own, share))
    const refused = other.read(options)
    second.sender.enqueue(bytes(3))
    expect(await fault(refused)).toBe('busy')

    shared.release()
    const third = sending()
    const fine = new SharedBody((own, share) => readRequest(third.request, own, share))
    const read = fine.read(options)
    third.sender.enqueue(bytes(10))
    third.sender.close()
    expect(await fault(read)).toBe('read')
    fine.release()
  })
})

describe('a body that several guards share', () => {
  it('is read once, and every guard’s own limit holds', async () => {
    let reads = 0
    const shared = new SharedBody(async () => {
      reads++
      return bytes(10)
    })
    const pieces: Uint8Array[] = []
    expect(await shared.read(within)).toEqual(bytes(10))
    expect(await shared.read({ ...within, onChunk: (piece) => pieces.push(piece) })).toEqual(bytes(10))
    expect(await fault(shared.read({ ...within, maxBytes: 9 }))).toBe('too-large')
    expect([reads, pieces]).toEqual([1, [bytes(10)]])
  })

  it('stays lost for the second guard when it was lost for the first', async () => {
    const shared = new SharedBody(() => Promise.reject(new BodyError('aborted')))
    expect([await fault(shared.read(within)), await fault(shared.read(within))]).toEqual(['aborted', 'aborted'])
  })
})
