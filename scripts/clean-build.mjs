// Before packing: builds from nothing, since tsc leaves the output of deleted sources behind; the command is bundled.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import process from 'node:process'

rmSync('dist', { recursive: true, force: true })
const { status } = spawnSync('pnpm', ['--workspace-root', 'run', 'build'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
process.exitCode = status ?? 1
