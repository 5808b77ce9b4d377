import { defineConfig } from 'vitest/config'
import { ToolsLast } from './scripts/test-order.ts'

export default defineConfig({
  ssr: { resolve: { conditions: ['@chartferry/source', 'node', 'development|production'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    isolate: false,
    // Tests wait more than they compute: one worker for each processor, none kept free.
    maxWorkers: '100%',
    sequence: { sequencer: ToolsLast },
    // What helm and Go answered is recorded in this zone.
    env: { TZ: 'UTC' },
    // Against what hangs: no test is decided by how fast the machine is.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    execArgv: ['--conditions=@chartferry/source'],
  },
})
