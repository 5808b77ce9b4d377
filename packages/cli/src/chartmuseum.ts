#!/usr/bin/env node
// The command `chartmuseum`: `chartferry chartmuseum`, for scripts that know no other name.
import { main } from './main.ts'

process.exitCode = await main(['chartmuseum', ...process.argv.slice(2)])
