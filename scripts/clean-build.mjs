// Before packing: builds from nothing, since tsc leaves the output of deleted sources behind; the command is bundled.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import process from 'node:process'
import { findRuntime } from './runtime.mjs'

rmSync('dist', { recursive: true, force: true })
const path = await findRuntime()
if (path === undefined) process.exit(1)
const { status } = spawnSync('pnpm', ['--workspace-root', 'run', 'build'], {
  stdio: 'inherit',
  env: { ...process.env, PATH: path },
  shell: process.platform === 'win32',
})
process.exitCode = status ?? 1
