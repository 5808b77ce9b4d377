#!/usr/bin/env node
// The command `chartmuseum`: `chartferry chartmuseum`, for scripts that know no other name.
import { nodeFault } from './node-version.ts'

const fault = nodeFault(process.version)
if (fault === undefined) {
  const { start } = await import('./start.ts')
  process.exitCode = await start(['chartmuseum', ...process.argv.slice(2)])
} else {
  console.error(fault)
  process.exitCode = 1
}
