// What other hosts of `Request` and `Response` share with it.
export { Collecting } from './collecting.js'
export * from './conclude.js'
export { type Guards, type ProtectOptions, protect } from './protect.js'
export { alreadyRead, declaresMoreThan, readRequest } from './read-request.js'
export { toResponse } from './response.js'
export { SharedBody } from './shared-body.js'
export { hasNoFields, unreadReply } from './unread-response.js'
export { rebuilt } from './web-request.js'
