import { randomInteger } from '../../crypto.js'

/** Resolves after so many milliseconds. The process stays alive meanwhile: somebody's reply depends on what comes next. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** From four fifths of so many milliseconds to all of them, so that those who started together do not stay together. */
export function jittered(milliseconds: number): number {
  return milliseconds * (1 - randomInteger(1001) / 5000)
}
