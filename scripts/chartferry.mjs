// The command `chartferry` of this checkout, on any Node: where that is too old, the one that `npm start` has borrowed runs it.
// Must parse on Node 18.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { findRuntime, nodeFits, rememberedNode, root } from './runtime.mjs'
import { prepare } from './steps.mjs'

const command = join(root, 'packages/cli/bin/chartferry.js')

/** The `node` to run it with; undefined where there is none, which has been said then. */
async function findNode() {
  const isBuilt = existsSync(command)
  if (isBuilt && nodeFits(process.version)) return process.execPath
  const known = isBuilt ? rememberedNode() : undefined
  if (known !== undefined) return known
  const path = await findRuntime()
  if (path === undefined || (!isBuilt && (await prepare(path)) !== 0)) return undefined
  return nodeFits(process.version) ? process.execPath : (rememberedNode() ?? 'node')
}

/** Runs the command with another Node, and ends as it ends. Ctrl-C reaches both; the command decides what it means. */
function runWith(node) {
  const child = spawn(node, [command, ...process.argv.slice(2)], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  process.on('SIGINT', () => {})
  child.on('error', (error) => {
    console.error(`${node}: ${error.message}`)
    process.exitCode = 1
  })
  child.on('close', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 0)
  })
}

const node = await findNode()
if (node === undefined) process.exitCode = 1
else if (node === process.execPath) await import(pathToFileURL(command).href)
else runWith(node)
