export * from './api-key-authority.js'
export {
  type ManagementAction,
  type ManagementAuthority,
  type ManagementField,
  managementActions,
  managementFields,
} from './authority.js'
export * from './description.js'
export type { ManagementEvent } from './events.js'
export * from './key-management.js'
export type { KeyRepresentation } from './key-representation.js'
export type { Authorize, KeyManagementOptions } from './management-options.js'
export * from './whoami.js'
