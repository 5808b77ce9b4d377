// The steps that make a checkout ready, and how a step runs: signals reach it, and it never outlives who started it.
// Must parse on Node 18.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { lock, registryFault, root, tellTime } from './runtime.mjs'

/**
 * Starts one step: `ended` gives its exit code. Signals reach it, and it ends when the shell that started us has gone.
 * `heard` gets what it says on stderr, which is shown as well; a mute step says nothing.
 */
export function startStep(path, command, args, { env = {}, heard, isMute = false } = {}) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: isMute ? 'ignore' : ['inherit', 'inherit', heard === undefined ? 'inherit' : 'pipe'],
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
export async function runSteps(path, steps, env = {}) {
  for (const [command, args] of steps) {
    const code = await startStep(path, command, args, { env }).ended
    if (code !== 0) return code
  }
  return 0
}

const install = ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=silent']

/**
 * Installs and builds; gives an exit code. `npm start` and `npm test` of one folder may begin at the same moment: one waits.
 * What the store of pnpm holds is installed without a network; only what it lacks is asked for.
 */
export async function prepare(path) {
  const release = await lock(join(root, 'node_modules', '.cache', 'chartferry-install.lock'), 'installs and builds')
  console.error('chartferry: installs packages, and builds what has changed ...')
  const stop = tellTime('still installs and builds')
  try {
    const offline = ['install', '--frozen-lockfile', '--offline', '--reporter=silent']
    if ((await startStep(path, 'pnpm', offline, { isMute: true }).ended) !== 0) {
      const silence = registryFault('typescript')
      if (silence !== undefined) {
        console.error('chartferry needs packages that are not on this machine, and npm cannot fetch them:')
        console.error(`  ${silence}`)
        console.error('Connect this machine to the network and run the command again. It is needed only this once.')
        return 1
      }
      const code = await runSteps(path, [['pnpm', install]])
      if (code !== 0) return code
    }
    return await runSteps(path, [['pnpm', ['--silent', 'run', 'build']]])
  } finally {
    stop()
    release()
  }
}
