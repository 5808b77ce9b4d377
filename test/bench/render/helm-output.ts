// What a real helm prints for a scenario, twice, kept in a cache outside the repository.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Scenario } from '../../oracle/scenarios.ts'

/** Two runs of helm: their texts, or the words of the refusal. */
export interface HelmOutput {
  readonly texts: readonly [string, string] | undefined
  readonly error: string
  readonly milliseconds: number
}

const cache = process.env.CHARTFERRY_BENCH_CACHE ?? join(tmpdir(), 'chartferry-bench')

/** The version of a helm binary: `v3.22.0`. */
export function helmVersion(binary: string): string {
  return execFileSync(binary, ['version', '--template', '{{.Version}}'], { encoding: 'utf8' }).trim()
}

/** Renders with helm, or reads what it printed before. */
export function helmOutput(binary: string, version: string, path: string, scenario: Scenario): HelmOutput {
  const key = createHash('sha256')
    .update(JSON.stringify([version, scenario]))
    .update(readFileSync(path))
    .digest('hex')
  const file = join(cache, `${key}.json.gz`)
  if (existsSync(file)) return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as HelmOutput
  const output = runTwice(binary, path, scenario)
  mkdirSync(cache, { recursive: true })
  writeFileSync(file, gzipSync(JSON.stringify(output), { level: 1 }))
  return output
}

function runTwice(binary: string, path: string, scenario: Scenario): HelmOutput {
  const home = mkdtempSync(join(tmpdir(), 'chartferry-bench-home-'))
  try {
    const args = ['template', 't', path, '--include-crds', '--kube-version', scenario.kubeVersion]
    for (const [index, { text }] of scenario.files.entries()) {
      const name = join(home, `${index}.yaml`)
      writeFileSync(name, text)
      args.push('-f', name)
    }
    for (const version of scenario.apiVersions) args.push('-a', version)
    if (scenario.skipSchema) args.push('--skip-schema-validation')
    const started = performance.now()
    const first = run(binary, args, home)
    const milliseconds = performance.now() - started
    if (first.error !== undefined) return { texts: undefined, error: first.error, milliseconds }
    return { texts: [first.text, run(binary, args, home).text], error: '', milliseconds }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function run(binary: string, args: readonly string[], home: string): { text: string; error: string | undefined } {
  // No network: a schema that refers to another by URL must fail.
  const proxy = 'http://127.0.0.1:9'
  const env = { PATH: process.env.PATH ?? '', HOME: home, HTTPS_PROXY: proxy, HTTP_PROXY: proxy }
  const { status, stdout, stderr } = spawnSync(binary, args, { env, encoding: 'utf8', maxBuffer: 512 * 1024 * 1024 })
  return { text: stdout, error: status === 0 ? undefined : stderr }
}
