#!/usr/bin/env node
// The command `chartmuseum`: `chartferry chartmuseum`, for scripts that know no other name.
import { keepCompiledCode } from './code-cache.ts'

keepCompiledCode()

const { main } = await import('./main.ts')
process.exitCode = await main(['chartmuseum', ...process.argv.slice(2)])
