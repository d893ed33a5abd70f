/** What a service imports, by the name of the import. */
export const entries = [
  '@latchkey/core',
  '@latchkey/express',
  '@latchkey/koa',
  '@latchkey/hono',
  '@latchkey/stores/redis',
  '@latchkey/stores/postgres',
  '@latchkey/stores/sqlite',
] as const

/** What is imported beside them anyway, to compare with. */
export const others = ['express', 'koa', 'hono', 'stripe', 'svix', 'better-auth'] as const
