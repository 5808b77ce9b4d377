// Copies beside skopeo and crane, interleaved: one large image, fifty small ones that share layers, a signed index of five platforms.
// node --conditions=@chartferry/source test/bench/copy.ts [rounds]; chartferry runs as it is published, from dist.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRegistries } from '@chartferry/core'
import { locateTool, type ToolName } from '../../scripts/tools.ts'
import { noise, pushImage, pushSignedIndex } from '../kit/images.ts'
import { type RealRegistry, startRealRegistry } from '../kit/real-registries.ts'

interface Measure {
  readonly wall: number
  readonly cpu: number
  /** Mebibytes at most in memory. */
  readonly memory: number
  readonly code: number
}

const MB = 1_000_000
const names = ['big', ...Array.from({ length: 50 }, (_, number) => `small${number}`), 'multi']

function need(name: ToolName): string {
  const path = locateTool(name)
  if (path === undefined) throw new Error(`${name} is needed; see scripts/tools.ts`)
  return path
}

/** Wall, CPU of the process with its children, and the most memory of one of them, as `time` has it. */
async function measure(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Measure> {
  const started = performance.now()
  const child = spawn('/usr/bin/env', ['bash', '-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash', command, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  })
  let words = ''
  let memory = 0
  child.stderr.on('data', (piece: Buffer) => {
    words += piece.toString()
  })
  const timer = setInterval(() => {
    void peakOf(child.pid ?? 0).then((peak) => {
      memory = Math.max(memory, peak)
    })
  }, 20)
  const code = await new Promise<number>((done) => child.on('close', (status) => done(status ?? 1)))
  clearInterval(timer)
  const [user = 0, system = 0] = (/([\d.]+) ([\d.]+)\s*$/.exec(words) ?? []).slice(1).map(Number)
  if (code !== 0) console.error(words.slice(-500))
  return { wall: (performance.now() - started) / 1000, cpu: user + system, memory, code }
}

/** The peaks of all processes below one, added up. */
async function peakOf(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  let sum = 0
  for (const child of children.split(' ').filter((text) => text !== '')) {
    const status = await readFile(`/proc/${child}/status`, 'utf8').catch(() => '')
    sum += Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
    sum += await peakOf(Number(child))
  }
  return sum
}

async function fill(host: string): Promise<void> {
  const registries = openRegistries()
  const open = (name: string): ReturnType<typeof registries.repository> => registries.repository(`${host}/${name}`)
  await pushImage(open('big'), {
    tag: 'v1',
    layers: [noise('a', 120 * MB), noise('b', 60 * MB), noise('c', 20 * MB)],
  })
  const shared = [noise('s1', 3 * MB), noise('s2', 2 * MB), noise('s3', MB)]
  for (const name of names.filter((text) => text.startsWith('small')))
    await pushImage(open(name), { tag: 'v1', layers: [...shared, noise(name, 0.3 * MB)] })
  await pushSignedIndex(open('multi'), 'v1', { layerSize: 2.5 * MB })
  await registries.close()
}

const folder = await mkdtemp(join(tmpdir(), 'chartferry-bench-'))
const [registry, skopeo, crane] = [need('docker-registry'), need('skopeo'), need('crane')]
const bin = join(import.meta.dirname, '../../packages/cli/dist/bin.js')
const source = await startRealRegistry({ command: registry, kind: 'distribution' })
await fill(source.host)
await writeFile(join(folder, 'list'), names.map((name) => `${source.host}/${name}:v1`).join('\n'))
const sync = names.map((name) => `    ${name}: [v1]`).join('\n')
await writeFile(join(folder, 'sync.yml'), `${source.host}:\n  tls-verify: false\n  images:\n${sync}\n`)

type Run = (target: string) => Promise<Measure>
const tools: Readonly<Record<string, Run>> = {
  chartferry: (target) =>
    measure(
      process.execPath,
      [
        bin,
        'copy',
        '--quiet',
        '--images',
        join(folder, 'list'),
        '--to',
        `${target}/m`,
        '--journal',
        join(folder, 'journal'),
      ],
      { HOME: folder },
    ),
  skopeo: (target) =>
    measure(skopeo, [
      '--insecure-policy',
      'sync',
      '--all',
      '--src',
      'yaml',
      '--dest',
      'docker',
      '--dest-tls-verify=false',
      join(folder, 'sync.yml'),
      `${target}/m`,
    ]),
  crane: (target) =>
    measure('bash', [
      '-c',
      `sed 's#^${source.host}/\\(.*\\)#${source.host}/\\1 ${target}/m/\\1#' ${join(folder, 'list')} | xargs -P4 -L1 ${crane} copy --insecure`,
    ]),
}
const rounds = Number(process.argv[2] ?? 5)
const results: { tool: string; kind: 'cold' | 'warm'; measure: Measure }[] = []
for (let round = 0; round < rounds; round++) {
  for (const [tool, run] of Object.entries(tools)) {
    const target: RealRegistry = await startRealRegistry({ command: registry, kind: 'distribution' })
    for (const kind of ['cold', 'warm'] as const) results.push({ tool, kind, measure: await run(target.host) })
    await target.close()
  }
}
await source.close()
await rm(folder, { recursive: true })
for (const kind of ['cold', 'warm'] as const) {
  for (const tool of Object.keys(tools)) {
    const own = results.filter((result) => result.tool === tool && result.kind === kind).map((result) => result.measure)
    const of = (field: keyof Measure): number[] => own.map((one) => one[field]).sort((a, b) => a - b)
    const middle = (field: keyof Measure): number => of(field)[Math.floor(own.length / 2)] ?? 0
    const failed = own.filter(({ code }) => code !== 0).length
    console.log(
      `${kind}  ${tool.padEnd(10)}  ${middle('wall').toFixed(2)} s (best ${of('wall')[0]?.toFixed(2)})  CPU ${middle('cpu').toFixed(2)} s  ${middle('memory').toFixed(0)} MB${failed > 0 ? `  ${failed} FAILED` : ''}`,
    )
  }
}
