import type { EventType, RefusalCode } from '@latchkey/core'

/** What of an event is looked at; everything else of it stays where it is. */
export interface ObservedEvent {
  readonly type: string
}

/** The members that some events have. */
interface Members {
  readonly type: EventType
  readonly code?: RefusalCode
  readonly reason?: string
  readonly scheme?: string
  readonly attempt?: number
}

/** The event with the members that it may have; which of them it has depends on its type. */
export function membersOf(event: ObservedEvent): Members {
  return event as Members
}
