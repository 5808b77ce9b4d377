// `chartferry relocate` for manifests and kustomizations: their texts with new names, over the old ones or beside them.

import { ChartferryError } from '@chartferry/core'
import { count } from '@chartferry/core/internal'
import {
  copyPairs,
  type RelocatedManifests,
  relocateManifests,
  replaceManifests,
  writeManifests,
} from '@chartferry/core/transfer'
import type { CommandRun } from '../flags/command-run.ts'
import { type ImageCopyOptions, journalFor, withCopying } from '../flags/copy-options.ts'
import { emittedNames } from '../flags/emitted-images.ts'
import { type ManifestSource, readManifests } from '../flags/manifest-source.ts'
import type { OutputOptions } from '../flags/output-options.ts'
import { printable } from '../print/printable.ts'
import { say, sayJson } from '../print/say.ts'
import { formatTable } from '../print/table.ts'
import { diffTexts } from '../print/unified-diff.ts'
import { writeOutput } from '../print/write-output.ts'

/** What of the flags counts here. */
export interface RelocateManifestsOptions extends ImageCopyOptions, OutputOptions {
  readonly to?: string
  readonly mode?: string
  readonly rules?: string
  readonly destination?: string
  readonly inPlace?: boolean
  readonly copy?: boolean
  readonly dryRun?: boolean
  readonly diff?: boolean
  readonly allowUnresolved?: boolean
}

/** Flags that say something of charts alone, and have no default. */
const ofCharts = {
  config: '--config',
  index: '--index',
  plan: '--plan',
  savePlan: '--save-plan',
  bundle: '--bundle',
  undo: '--undo',
  signKey: '--sign-key',
  pinDigests: '--pin-digests',
  pullSecret: '--pull-secret',
  dependencyRepository: '--dependency-repository',
} as const

interface Relocated {
  readonly source: ManifestSource
  readonly result: RelocatedManifests
}

/** Throws USAGE for flags that are of charts, IMAGE_UNRESOLVED, as `relocateManifests` and `copyPairs` do. */
export async function relocateManifestFiles(
  names: readonly string[],
  options: RelocateManifestsOptions,
  { progress, signal, note }: CommandRun,
): Promise<void> {
  checkFlags(names, options)
  const naming = await emittedNames(options)
  const relocated: Relocated[] = []
  for (const name of names) {
    progress.report({ type: 'stage-started', chart: name, stage: 'read' })
    const source = await readManifests(name, options, signal)
    progress.report({ type: 'stage-finished', chart: name, stage: 'read', summary: count(source.files.length, 'file') })
    relocated.push({ source, result: relocateManifests(source.files, naming) })
  }
  for (const { source, result } of relocated)
    for (const message of [...source.passedOver, ...result.remarks])
      progress.report({ type: 'warning', chart: source.name, message })
  const left = relocated.flatMap(({ result }) => result.left)
  const { dryRun = false, allowUnresolved = false } = options
  const failure =
    left.length === 0 || allowUnresolved
      ? undefined
      : new ChartferryError('IMAGE_UNRESOLVED', `${count(left.length, 'place')} cannot be moved:\n${left.join('\n')}`)
  if (failure !== undefined && !dryRun) throw failure
  if (options.copy === true && !dryRun) {
    const pairs = relocated.flatMap(({ result }) => result.images).filter(({ from, to }) => from !== to)
    const flags = { ...options, journal: journalFor(options, pairs) }
    await withCopying(flags, { report: progress.report, signal, name: options.to ?? 'copy' }, (copying) =>
      copyPairs(pairs, copying),
    )
  }
  const written = dryRun ? [] : await Promise.all(relocated.map((each) => write(each, options)))
  progress.close()
  for (const { source, result } of relocated)
    note({ name: source.name, status: 'passed', detail: count(result.renamed.length, 'name') })
  if (options.json === true) sayJson({ manifests: relocated.map((each, at) => toJson(each, written[at] ?? [])) })
  else for (const each of relocated) print(each, left.length > 0 && allowUnresolved, options)
  if (failure !== undefined) throw failure
}

function checkFlags(names: readonly string[], options: RelocateManifestsOptions): void {
  const usage = (message: string, hint = ''): ChartferryError => new ChartferryError('USAGE', message, { hint })
  const [, flag] = Object.entries(ofCharts).find(([key]) => Reflect.get(options, key) !== undefined) ?? []
  if (flag !== undefined) throw usage(`${flag} goes with charts, not with manifests`)
  const { destination, inPlace = false, dryRun = false, copy = false, json = false } = options
  const isStream = names.includes('-')
  if (inPlace && (destination !== undefined || isStream || names.some((name) => /^https?:/.test(name))))
    throw usage('--in-place is for files and folders, without -d')
  if (isStream && names.length > 1 && destination === undefined)
    throw usage('standard input goes alone', 'Give a folder with -d.')
  if (isStream && json && destination === undefined && !dryRun)
    throw usage('--json and the manifests would both go to standard output', 'Give a folder with -d.')
  if (!dryRun && destination === undefined && !inPlace && !isStream && !copy)
    throw usage(
      'nothing says where the manifests go',
      'Give a folder with -d, --in-place to edit the files themselves, or --dry-run to write nothing.',
    )
}

/** The paths that were written; standard input goes to standard output. */
async function write({ source, result }: Relocated, options: RelocateManifestsOptions): Promise<readonly string[]> {
  const { destination, inPlace = false } = options
  if (inPlace) return replaceManifests(source.name, result.files)
  if (destination !== undefined)
    return writeManifests(destination, result.files, source.kind === 'folder' ? source.name : undefined)
  if (source.kind === 'stdin') await writeOutput(new TextEncoder().encode(result.files[0]?.text ?? ''))
  return []
}

function print({ source, result }: Relocated, isPartial: boolean, options: RelocateManifestsOptions): void {
  const texts = new Map(source.files.map(({ path, text }) => [path, text]))
  const changed = result.files.filter(({ isChanged }) => isChanged)
  const { diff = false, destination, dryRun = false, quiet = false } = options
  const isStream = source.kind === 'stdin' && destination === undefined && !dryRun
  // Standard output belongs to the manifests.
  const tell = isStream ? (text: string) => console.error(printable(text)) : say
  if (isStream && quiet) return
  if (diff) for (const { path, text } of changed) tell(diffTexts(path, texts.get(path) ?? '', text))
  else if (result.images.length > 0)
    tell(formatTable(result.images.map(({ from, to }) => [from, '→', from === to ? `${to}  (kept)` : to])))
  for (const line of result.left) console.error(`! ${printable(line)}`)
  const verdict = isPartial ? 'proven in part' : 'proven'
  tell(
    `${source.name}: ${verdict}: ${count(result.renamed.length, 'name')} changed in ${count(changed.length, 'file')} of ${source.files.length}, nothing else`,
  )
}

function toJson({ source, result }: Relocated, written: readonly string[]): object {
  return {
    name: source.name,
    files: result.files.map(({ path, isChanged }) => ({ path, changed: isChanged })),
    written,
    images: result.images,
    renamed: result.renamed,
    left: result.left,
    remarks: [...source.passedOver, ...result.remarks],
  }
}
