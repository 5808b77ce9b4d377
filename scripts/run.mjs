// `npm start`, `npm test` and `npm run check` on any machine: finds or borrows Node and pnpm, installs, builds, runs.
// Must parse on Node 18.
import process from 'node:process'
import { findRuntime } from './runtime.mjs'
import { prepare, runSteps, startStep } from './steps.mjs'

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

const script = (name) => ['pnpm', ['--silent', 'run', name]]
const checks = ['format:check', 'types', 'lint', 'lint:types', 'unused', 'unit'].map(script)

const tasks = {
  start: (path) => {
    console.error('chartferry: starts the server ...')
    return runSteps(path, [['node', ['packages/cli/bin/chartferry.js', 'serve', ...process.argv.slice(3)]]])
  },
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
  const code = await prepare(path)
  return code === 0 ? task(path) : code
}

process.exitCode = await main()
