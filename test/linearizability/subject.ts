import { messageConduct } from './message-conduct.js'
import { MessageModel } from './message-model.js'
import type { Model } from './model.js'
import { recordConduct } from './record-conduct.js'
import { RecordModel } from './record-model.js'
import type { Conduct } from './workload.js'

/** What of a store is examined: what its clients do, and what they may be told. */
export interface Subject {
  readonly name: string
  readonly conduct: Conduct
  /** @param slackMs as `Judgement` has it. */
  model(slackMs: number): Model<unknown>
}

export const records: Subject = {
  name: 'records',
  conduct: recordConduct,
  model: (slackMs) => new RecordModel(slackMs),
}

export const messages: Subject = {
  name: 'messages',
  conduct: messageConduct,
  model: (slackMs) => new MessageModel(slackMs),
}
