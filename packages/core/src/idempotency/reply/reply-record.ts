import { utf8 } from '../../bytes.js'
import { crc32 } from '../../crc32.js'
import type { AbandonReason, Reply, ReplyHeaders } from '../../guard.js'
import { keptHeaders } from './kept-headers.js'

/** Why a record's content cannot be read: it is torn, or a later version of this library wrote it. */
export type RecordFault = 'corrupt' | 'unknown-version'

/** What is kept where no reply is: why there is none, and what the client was told first. */
export interface TombstoneNote {
  readonly reason: TombstoneReason
  /** The status that the client was sent, where it is known. */
  readonly status?: number
  readonly location?: string
}

/** `secret`: the handler declared its reply secret; `store-full`: the store had no room for the reply. */
export type TombstoneReason = AbandonReason | 'secret' | 'store-full'

/**
 * A reply as bytes for a store, without the header fields that belong to one response alone.
 *
 * Layout: version (1 byte), CRC-32 of everything behind it (4), length of the head (4), the head as JSON, the body.
 */
export function encodeReply(reply: Reply): Uint8Array {
  return seal([reply.status, keptHeaders(reply.headers)], reply.body)
}

/** The reply that {@link encodeReply} was given, less the fields it drops; `content-length` is computed. */
export function decodeReply(record: Uint8Array): Reply | RecordFault {
  const opened = open(record)
  if (typeof opened === 'string') return opened
  const { head, body } = opened
  if (!Array.isArray(head) || !isStatus(head[0]) || !isHeaders(head[1])) return 'corrupt'
  const [status, headers] = head
  return { status, headers: allowsBody(status) ? [...headers, ['content-length', String(body.length)]] : headers, body }
}

/** A tombstone's note as bytes for a store. */
export function encodeNote(note: TombstoneNote): Uint8Array {
  return seal(note, new Uint8Array(0))
}

export function decodeNote(record: Uint8Array): TombstoneNote | RecordFault {
  const opened = open(record)
  if (typeof opened === 'string') return opened
  const { head } = opened
  if (typeof head !== 'object' || head === null || !('reason' in head) || typeof head.reason !== 'string') {
    return 'corrupt'
  }
  const note: { reason: TombstoneReason; status?: number; location?: string } = {
    reason: head.reason as TombstoneReason,
  }
  if ('status' in head && isStatus(head.status)) note.status = head.status
  if ('location' in head && typeof head.location === 'string') note.location = head.location
  return note
}

const version = 1
const prefixBytes = 9

function seal(head: unknown, body: Uint8Array): Uint8Array {
  const text = utf8(JSON.stringify(head))
  const record = new Uint8Array(prefixBytes + text.length + body.length)
  record.set(text, prefixBytes)
  record.set(body, prefixBytes + text.length)
  const view = new DataView(record.buffer)
  view.setUint8(0, version)
  view.setUint32(5, text.length)
  view.setUint32(1, crc32(record.subarray(5)))
  return record
}

function open(record: Uint8Array): { head: unknown; body: Uint8Array } | RecordFault {
  // A store client in another mode may answer text.
  if (!(record instanceof Uint8Array) || record.length < prefixBytes) return 'corrupt'
  if (record[0] !== version) return 'unknown-version'
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength)
  const headEnd = prefixBytes + bytes.readUInt32BE(5)
  if (headEnd > bytes.length || bytes.readUInt32BE(1) !== crc32(bytes.subarray(5))) return 'corrupt'
  try {
    const head: unknown = JSON.parse(bytes.toString('utf8', prefixBytes, headEnd))
    return { head, body: record.subarray(headEnd) }
  } catch {
    return 'corrupt'
  }
}

function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 999
}

function isHeaders(value: unknown): value is ReplyHeaders {
  return (
    Array.isArray(value) &&
    value.every((line) => Array.isArray(line) && typeof line[0] === 'string' && typeof line[1] === 'string')
  )
}

/** 204 and 304 have no body and so no length of one (RFC 9110 sections 8.6 and 15.4.5). */
function allowsBody(status: number): boolean {
  return status !== 204 && status !== 304
}
