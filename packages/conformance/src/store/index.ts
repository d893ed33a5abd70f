export type { Facet, OpenedStore, StoreUnderTest } from './opened-store.js'
export type { StoreCase } from './store-case.js'
export { type RunStoreCaseOptions, runStoreCase, storeCases } from './store-cases.js'
export { type StoreSuiteOptions, storeSuite } from './store-suite.js'
