export * from './running.js'
export { type VectorSuiteOptions, vectorSuite } from './vector-suite.js'
