import { describe, expect, test, vi } from 'vitest'
import { around, type Observe, type ObservedWork, observedGuard, observers, tell } from './observe.js'

type Around = NonNullable<Observe<unknown>['around']>

/** An observer whose `around` is this. */
function tracer(tracing: (run: () => unknown, work: ObservedWork) => unknown): Observe<unknown> {
  return Object.assign(() => {}, { around: ((work, run) => tracing(run, work)) as Around })
}

const fails = () => {
  throw new Error('the tracer fails')
}

describe('work with an observer around it', () => {
  test.each<[string, Observe<unknown> | undefined]>([
    ['no observer', undefined],
    ['an observer of events alone', () => {}],
    ['a tracer', tracer((run) => run())],
    ['a tracer that fails before', tracer(fails)],
    ['a tracer that fails behind', tracer((run) => [run(), fails()])],
    ['a tracer that answers something else', tracer((run) => [run()])],
    ['a tracer that forgets to run it', tracer(() => 'forgotten')],
    ['a tracer that runs it twice', tracer((run) => [run(), run()])],
    ['a tracer whose own promise fails', tracer((run) => Promise.resolve(run()).then(fails))],
  ])('runs once and keeps its answer, with %s', async (_, observe) => {
    const run = vi.fn(() => Promise.resolve(7))
    expect(await around(observe, 'api-key.verify', run)).toBe(7)
    expect(run).toHaveBeenCalledOnce()
  })

  test('keeps its own failure, at once and later', async () => {
    const broken = new Error('the work fails')
    const swallowing = tracer((run) => {
      try {
        return run()
      } catch {
        return 'nothing'
      }
    })
    const throws = () => {
      throw broken
    }
    expect(() => around(swallowing, 'api-key.verify', throws)).toThrow(broken)
    const swallowingLater = tracer((run) => Promise.resolve(run()).catch(() => 'nothing'))
    await expect(around(swallowingLater, 'api-key.verify', () => Promise.reject(broken))).rejects.toBe(broken)
  })

  test('answers at once where it is done at once', () => {
    expect(
      around(
        tracer((run) => run()),
        'api-key.verify',
        () => 7,
      ),
    ).toBe(7)
  })
})

test('a guard without a tracer is the guard itself: nothing is called for it', () => {
  const guard = () => ({ kind: 'pass', grant: 1 }) as const
  expect(observedGuard(undefined, 'api-key.verify', guard)).toBe(guard)
  expect(observedGuard(() => {}, 'api-key.verify', guard)).toBe(guard)
})

describe('several observers', () => {
  test('are each told, whatever the one before does', () => {
    const last = vi.fn()
    tell(observers(fails, last), 'event')
    expect(last).toHaveBeenCalledExactlyOnceWith('event')
  })

  test('trace one within the other, in their order', () => {
    const said: string[] = []
    const named = (name: string) =>
      tracer((run, work) => {
        said.push(`${name} begins ${work}`)
        const answer = run()
        said.push(`${name} ends`)
        return answer
      })
    const both = observers(named('outer'), () => {}, named('inner'))
    expect(around(both, 'idempotency.claim', () => said.push('work'))).toBe(3)
    expect(said).toEqual([
      'outer begins idempotency.claim',
      'inner begins idempotency.claim',
      'work',
      'inner ends',
      'outer ends',
    ])
  })

  test('of which none traces have nothing around', () => {
    expect(observers(() => {}).around).toBeUndefined()
  })
})
