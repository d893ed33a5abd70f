export * from './telemetry.js'
export type { DatabaseSystem } from './telemetry-options.js'
