export type * from './document.js'
export * from './openapi-guards.js'
export { problemResponses } from './problem-responses.js'
