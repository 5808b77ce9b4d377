#!/usr/bin/env node
// The command `chartferry`.
import { keepCompiledCode } from './code-cache.ts'

keepCompiledCode()

// Whoever reads us may have seen enough (`| head`): that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

// What is loaded from here on is kept.
const { main } = await import('./main.ts')
process.exitCode = await main(process.argv.slice(2))
