export * from './adapter/index.js'
export * from './store/index.js'
export * from './vectors/index.js'
