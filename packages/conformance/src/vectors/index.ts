export { type HttpSignatureVector, isHttpSignatureVector, verifyHttpVector } from './http-signature-vector.js'
export * from './running.js'
export { type VectorSuiteOptions, vectorSuite } from './vector-suite.js'
