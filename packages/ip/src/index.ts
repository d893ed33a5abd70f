export * from './ip-addresses.js'
