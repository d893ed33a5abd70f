export { type HttpSignatureVector, isHttpSignatureVector, verifyHttpVector } from './http-signature-vector.js'
export {
  claimedSchemes,
  guardVector,
  type SignatureVector,
  type VectorScheme,
  vectorBody,
  verifyVector,
} from './signature-vector.js'
export { type VectorSuiteOptions, vectorSuite } from './vector-suite.js'
