import { StoreError } from '@latchkey/core'

/**
 * What the work answers, or a {@link StoreError} `timeout` after so many seconds. The signal tells the work when it has been given
 * up: it sends nothing from then on.
 */
export async function answerWithin<Answer>(
  seconds: number,
  work: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new StoreError('timeout', `Postgres did not answer within ${seconds} s`)
      controller.abort(error)
      reject(error)
    }, seconds * 1000)
  })
  try {
    return await Promise.race([work(controller.signal), timeout])
  } finally {
    clearTimeout(timer)
  }
}
