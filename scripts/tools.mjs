// Finds the real tools that the tests use: on PATH, else built once with Go into a cache outside the clone.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'

/** `accept` reads what the tool on PATH prints of its version; `ldflags` puts the version into the build. */
const tools = {
  helm3: {
    command: 'helm',
    module: 'helm.sh/helm/v3/cmd/helm',
    version: 'v3.22.0',
    probe: ['version', '--template', '{{.Version}}'],
    accept: /^v3\.(1[3-9]|[2-9]\d)\./,
    ldflags: '-X helm.sh/helm/v3/internal/version.version=v3.22.0',
  },
  helm4: {
    command: 'helm',
    module: 'helm.sh/helm/v4/cmd/helm',
    version: 'v4.3.1',
    probe: ['version', '--template', '{{.Version}}'],
    accept: /^v4\./,
    ldflags: '-X helm.sh/helm/v4/internal/version.version=v4.3.1',
  },
}

export const toolNames = Object.keys(tools)

const cacheRoot = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'chartferry', 'tools')

function onPath(tool) {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, tool.command)
    if (folder === '' || !existsSync(file)) continue
    const probe = spawnSync(file, tool.probe, { encoding: 'utf8' })
    if (probe.status === 0 && tool.accept.test(probe.stdout.trim())) return file
  }
  return undefined
}

const cached = (tool) => join(cacheRoot, `${tool.command}-${tool.version}`, tool.command)

/** The path of a tool that is already there, or undefined. */
export function locateTool(name) {
  const tool = tools[name]
  if (tool === undefined) throw new Error(`no tool is named ${name}; there are ${toolNames.join(', ')}`)
  const file = cached(tool)
  return existsSync(file) ? file : onPath(tool)
}

function goWorks() {
  const go = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' })
  const minor = /^go1\.(\d+)/.exec(go.stdout ?? '')?.[1]
  return go.status === 0 && Number(minor) >= 25
}

function build(tool) {
  const folder = join(cacheRoot, `${tool.command}-${tool.version}`)
  const aside = `${folder}.${process.pid}`
  mkdirSync(aside, { recursive: true })
  const args = ['install', '-trimpath', `-ldflags=-s -w ${tool.ldflags}`, `${tool.module}@${tool.version}`]
  const env = { ...process.env, CGO_ENABLED: '0', GOBIN: aside, GOFLAGS: '-buildvcs=false', GOTOOLCHAIN: 'local' }
  return new Promise((resolve) => {
    const child = spawn('go', args, { cwd: aside, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let words = ''
    child.stderr.on('data', (chunk) => {
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
export async function provideTools(say) {
  const missing = []
  for (const name of toolNames) {
    if (locateTool(name) !== undefined) continue
    const tool = tools[name]
    if (!goWorks()) {
      missing.push({ name, reason: `${tool.command} ${tool.version} is not on PATH, and Go 1.25 or later is not at hand to build it` })
      continue
    }
    say(`building ${tool.command} ${tool.version} (once; some minutes) ...`)
    const failure = await build(tool)
    if (failure !== undefined) missing.push({ name, reason: failure })
  }
  return missing
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const missing = await provideTools((line) => console.error(line))
  for (const name of toolNames) console.log(`${name}\t${locateTool(name) ?? '-'}`)
  for (const { name, reason } of missing) console.error(`${name}: ${reason}`)
  process.exitCode = missing.length === 0 ? 0 : 1
}
