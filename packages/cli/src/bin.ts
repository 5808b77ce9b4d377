#!/usr/bin/env node
// The command `chartferry`.
import { main } from './main.ts'

// Whoever reads us may have seen enough (`| head`): that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await main(process.argv.slice(2))
