import { defineConfig } from 'vitest/config'

/** Of the suites that `npm run runtimes` runs beside those of `npm test`; bounds against a hang, as there. */
export default defineConfig({
  test: { include: ['test/runtimes/*-suite.ts'], testTimeout: 20_000, hookTimeout: 60_000 },
})
