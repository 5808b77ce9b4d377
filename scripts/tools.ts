// Finds the real tools that the tests use: on PATH, else built once with Go into a cache outside the clone.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { constants, homedir, setPriority } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { type Tool, type ToolName, tools } from './tool-table.ts'

export type { ToolName } from './tool-table.ts'

const toolNames = Object.keys(tools) as ToolName[]

const cacheRoot = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'chartferry', 'tools')

function onPath(tool: Tool): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, tool.command)
    if (folder === '' || !existsSync(file)) continue
    const probe = spawnSync(file, tool.probe, { encoding: 'utf8' })
    if (probe.status === 0 && tool.accept.test(`${probe.stdout}${probe.stderr}`.trim())) return file
  }
  return undefined
}

/** A folder a recipe: a changed recipe builds anew. */
function cacheFolder(tool: Tool): string {
  const recipe = createHash('sha256')
    .update(`${tool.module ?? tool.command}@${tool.version} ${tool.ldflags}`)
    .digest('hex')
  return join(cacheRoot, `${tool.command}-${tool.version}-${recipe.slice(0, 8)}`)
}

function builtTool(name: ToolName): string | undefined {
  const file = join(cacheFolder(tools[name]), tools[name].command)
  return existsSync(file) ? file : undefined
}

/** The path of a tool that is already there, or undefined. */
export function locateTool(name: ToolName): string | undefined {
  return builtTool(name) ?? onPath(tools[name])
}

/** Whether tools are being built by the process that `scripts/run.mjs` started beside the tests. */
export function areToolsComing(): boolean {
  const pid = Number(process.env.CHARTFERRY_TOOLS_PID)
  if (!(pid > 0)) return false
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The path of a tool, waited for while it is being built; undefined where it cannot be had. */
export async function awaitTool(name: ToolName): Promise<string | undefined> {
  const present = locateTool(name)
  if (present !== undefined) return present
  while (builtTool(name) === undefined && areToolsComing()) await wait(200)
  return builtTool(name)
}

function goWorks(): boolean {
  const go = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' })
  const minor = /^go1\.(\d+)/.exec(go.stdout ?? '')?.[1]
  return go.status === 0 && Number(minor) >= 25
}

/** Gives the reason where it fails. */
function build(tool: Tool): Promise<string | undefined> {
  const folder = cacheFolder(tool)
  const aside = `${folder}.${process.pid}`
  mkdirSync(aside, { recursive: true })
  const args = ['install', '-trimpath', `-ldflags=-s -w ${tool.ldflags}`, `${tool.module}@${tool.version}`]
  const env = { ...process.env, CGO_ENABLED: '0', GOBIN: aside, GOFLAGS: '-buildvcs=false', GOTOOLCHAIN: 'local' }
  return new Promise((resolve) => {
    const child = spawn('go', args, { cwd: aside, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let words = ''
    child.stderr.on('data', (chunk: Buffer) => {
      words = (words + chunk).slice(-4000)
    })
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code) => {
      if (code === 0 && readdirSync(aside).length > 0) {
        rmSync(folder, { recursive: true, force: true })
        renameSync(aside, folder)
        resolve(undefined)
      } else {
        rmSync(aside, { recursive: true, force: true })
        resolve(words.trim() || `go exited with ${code}`)
      }
    })
  })
}

/** Builds what is missing; gives what could not be had, with the reason. */
async function provideTools(say: (line: string) => void): Promise<readonly { name: ToolName; reason: string }[]> {
  const missing: { name: ToolName; reason: string }[] = []
  for (const name of toolNames) {
    if (locateTool(name) !== undefined) continue
    const tool = tools[name]
    if (tool.module === undefined) {
      missing.push({
        name,
        reason: `${tool.command} is not on PATH, or does not work here; on Debian: apt-get install ${tool.package ?? tool.command}`,
      })
      continue
    }
    if (!goWorks()) {
      missing.push({
        name,
        reason: `${tool.command} ${tool.version} is not on PATH, and Go 1.25 or later is not at hand to build it`,
      })
      continue
    }
    say(`building ${tool.command} ${tool.version} with Go, once, for some minutes: ${tool.why}; kept in ${cacheRoot}`)
    const failure = await build(tool)
    if (failure !== undefined) missing.push({ name, reason: failure })
  }
  return missing
}

if (process.argv[1] === import.meta.filename) {
  // Tests run meanwhile.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  const missing = await provideTools((line) => console.error(line))
  if (missing.length > 0) {
    const reasons = [...new Set(missing.map(({ reason }) => reason))].join('; ')
    console.error(`SKIPPED: every test that needs ${missing.map(({ name }) => name).join(' or ')}: ${reasons}`)
    process.exitCode = 1
  }
}
