// Copies beside skopeo and crane, interleaved: one large image, fifty small ones that share layers, a signed index of five platforms.
// node --conditions=@chartferry/source test/bench/copy.ts [rounds]; chartferry runs as it is published, from dist.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RealRegistry, startRealRegistry } from '../kit/real-registries.ts'
import { fill, names } from './copy-set.ts'
import { type Measure, measure, need } from './measure.ts'

const folder = await mkdtemp(join(tmpdir(), 'chartferry-bench-'))
const [registry, skopeo, crane] = [need('docker-registry'), need('skopeo'), need('crane')]
const bin = join(import.meta.dirname, '../../packages/cli/bin/chartferry.js')
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
