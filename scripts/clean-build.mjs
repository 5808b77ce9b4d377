// Before packing: builds from nothing, since tsc leaves the output of deleted sources behind.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import process from 'node:process'

rmSync('dist', { recursive: true, force: true })
const { status } = spawnSync('pnpm', ['exec', 'tsc', '-b'], { stdio: 'inherit', shell: process.platform === 'win32' })
process.exitCode = status ?? 1
