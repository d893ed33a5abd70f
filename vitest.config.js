import { defineConfig } from 'vitest/config'
export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Bounds against a hang, not measures: suites start servers and processes, on machines that may be busy.
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
//# sourceMappingURL=vitest.config.js.map
