/** What runs vectors without a test runner. */
export {
  claimedSchemes,
  guardVector,
  type SignatureVector,
  type VectorScheme,
  vectorBody,
  verifyVector,
} from './signature-vector.js'
export { type VectorReport, vectorReport } from './vector-report.js'
