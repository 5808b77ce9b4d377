#!/usr/bin/env node
// The command `chartferry`. Parses and runs on old Nodes, which would end in a SyntaxError otherwise: what is loaded
// late needs the new one.
import { nodeFault } from './node-version.ts'

const fault = nodeFault(process.version)
if (fault === undefined) {
  const { start } = await import('./start.ts')
  process.exitCode = await start(process.argv.slice(2))
} else {
  console.error(fault)
  process.exitCode = 1
}
