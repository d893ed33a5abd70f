export { redactPaths } from '@latchkey/core'
export * from './pino-observer.js'
