import { seededRandom } from '@latchkey/testing'

/** Choices that are the same for the same seed. */
export interface Draw {
  /** At least 0 and under `limit`. */
  below(limit: number): number
  chance(probability: number): boolean
  /** One of them, each as often as its weight says. */
  weighted<Choice>(choices: ReadonlyArray<readonly [weight: number, choice: Choice]>): Choice
}

export function drawFrom(seed: string): Draw {
  const fill = seededRandom(seed)
  const fraction = () => {
    const bytes = Buffer.alloc(4)
    fill(bytes)
    return bytes.readUInt32LE() / 2 ** 32
  }
  return {
    below: (limit) => Math.floor(fraction() * limit),
    chance: (probability) => fraction() < probability,
    weighted: (choices) => {
      let left = fraction() * choices.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, choice] of choices) {
        left -= weight
        if (left < 0) return choice
      }
      return choices.at(-1)![1]
    },
  }
}
