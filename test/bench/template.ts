// Runs `chartferry template` and `helm template` on every chart of the corpus with the same flags, and compares their outputs.
//
//   CHARTFERRY_CORPUS=folder node test/bench/template.ts [--helm path] [--only name] [--renderer auto|engine|both]
//
// The command is the compiled one: `pnpm build` first.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compareOutput } from './render/compare-output.ts'
import { helmVersion } from './render/helm-output.ts'

const { values: options } = parseArgs({
  options: {
    helm: { type: 'string', default: 'helm' },
    only: { type: 'string', default: '' },
    renderer: { type: 'string', default: 'auto' },
  },
})
const corpus = process.env.CHARTFERRY_CORPUS
if (corpus === undefined) throw new Error('CHARTFERRY_CORPUS names no folder')

const version = helmVersion(options.helm)
const bin = join(import.meta.dirname, '../../packages/cli/bin/chartferry.js')
const own = ['--renderer', options.renderer, '--helm-version', version.startsWith('v4') ? '4' : '3']
const flagSets: readonly (readonly string[])[] = [
  [],
  ['--include-crds', '-n', 'other'],
  ['--no-hooks'],
  ['--skip-tests'],
  ['-s', 'templates/*.yaml'],
]
const home = mkdtempSync(join(tmpdir(), 'chartferry-bench-home-'))
const times = { chartferry: 0, helm: 0 }
const counts = new Map<string, number>()

function run(command: string, args: readonly string[], who: keyof typeof times): SpawnSyncReturns<string> {
  // No network: a schema that refers to another by URL must fail.
  const proxy = 'http://127.0.0.1:9'
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    HELM_BIN: options.helm,
    HTTPS_PROXY: proxy,
    HTTP_PROXY: proxy,
  }
  const started = performance.now()
  const outcome = spawnSync(command, args, { env, encoding: 'utf8', maxBuffer: 2 ** 29 })
  times[who] += performance.now() - started
  return outcome
}

function compare(args: readonly string[]): string {
  const helm = (): SpawnSyncReturns<string> => run(options.helm, ['template', ...args], 'helm')
  const ours = run(process.execPath, [bin, 'template', ...args, ...own], 'chartferry')
  const theirs = helm()
  if (theirs.status !== 0) return ours.status === 0 ? 'refused by helm only' : 'refused by both'
  if (ours.status !== 0) return `refused by chartferry only: ${ours.stderr}`
  if (ours.stdout === theirs.stdout) return 'identical'
  const verdict = compareOutput(ours.stdout, [theirs.stdout, helm().stdout])
  return verdict.kind === 'different' ? `different: ${verdict.where}` : verdict.kind
}

try {
  for (const file of readdirSync(join(corpus, 'charts')).sort()) {
    if (!file.endsWith('.tgz') || !file.includes(options.only)) continue
    for (const flags of flagSets) {
      const verdict = compare(['demo', join(corpus, 'charts', file), '--kube-version', '1.31.0', ...flags])
      const [kind = '', ...rest] = verdict.split(':')
      counts.set(kind, (counts.get(kind) ?? 0) + 1)
      if (rest.length > 0 || kind.endsWith('only')) console.log(`${file} ${flags.join(' ')}: ${verdict}`)
    }
  }
} finally {
  rmSync(home, { recursive: true, force: true })
}
console.log(`helm ${version}: ${[...counts].map(([kind, number]) => `${kind} ${number}`).join(', ')}`)
console.log(`processes: chartferry ${Math.round(times.chartferry)} ms, helm ${Math.round(times.helm)} ms`)
