export * from './adapter/index.js'
export * from './vectors/index.js'
