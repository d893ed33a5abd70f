import type { ServerResponse } from 'node:http'
import type { Pass } from '@latchkey/core'
import type { Connection } from './connection.js'
import { editHead } from './edit-head.js'
import { applyPassHeaders, strip } from './head.js'
import { LastByte } from './last-byte.js'
import { ReplyHold } from './reply-hold.js'
import type { Watch } from './watch.js'

/** Does on the response what a pass asks for; `undefined` where it asks for nothing. */
export function watchReply(
  res: ServerResponse,
  pass: Pass<unknown>,
  on: { readonly connection: Connection },
): Watch | undefined {
  const { strip: stripped, headers, capture, settled } = pass
  // A reply that a capture gives in place of the handler's is not stripped, so there the capture strips the handler's own.
  const isStrippedHere = stripped !== undefined && capture === undefined
  if (headers !== undefined || isStrippedHere) {
    editHead(res, () => {
      if (isStrippedHere) strip(res, stripped)
      applyPassHeaders(res, headers)
    })
  }
  const last = settled && new LastByte(res, on.connection, (outcome) => pass.settled?.(outcome))
  const hold = capture && new ReplyHold(res, on.connection, capture, stripped)
  return hold && last ? both(hold, last) : (hold ?? last)
}

/** The hold stands in front: what it lets through is what the guard is told the status of. */
function both(hold: Watch, last: Watch): Watch {
  return {
    get hasBegun() {
      return hold.hasBegun
    },
    get isClosed() {
      return hold.isClosed
    },
    captured: () => hold.captured(),
    handlerEnded: (how) => {
      hold.handlerEnded(how)
      last.handlerEnded(how)
    },
  }
}
