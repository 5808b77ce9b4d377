import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['@chartferry/source', 'node', 'development|production'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    isolate: false,
    testTimeout: 20_000,
    execArgv: ['--conditions=@chartferry/source'],
  },
})
