// The flags by which commands say how images are copied.
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChartArchive, ChartferryError, type Report } from '@chartferry/core'
import {
  type ContentSource,
  type CopyItem,
  type CopyOptions,
  type CopyResult,
  copyGated,
  copyImages,
  openJournal,
  parsePlatform,
  parsePublicKey,
  type Quota,
  type Registries,
  verifySignature,
} from '@chartferry/core/oci'
import { copyItems, type ImagePair } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { openCollector } from '../gc-tuning.ts'
import { readText } from './read-text.ts'
import { openCommandRegistries, type RegistryOptions } from './registry-options.ts'
import { runHook } from './run-hook.ts'

/** What these flags give. */
export interface ImageCopyOptions extends RegistryOptions {
  readonly platform?: readonly string[]
  /** False with `--no-referrers`. */
  readonly referrers?: boolean
  readonly foreignLayers?: boolean
  readonly transfers?: string
  readonly journal?: string
  readonly gate?: string
  readonly verifyKey?: string
}

const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, ...value.split(',')]

/** Adds the flags that say what of images is fetched. */
export function addFetchOptions(command: Command): Command {
  return command
    .optionsGroup('How images are copied:')
    .option('--platform <os/arch>', 'these platforms alone; the digest of an index changes (default: all)', collect)
    .option('--no-referrers', 'without signatures, attestations and SBOMs')
    .option('--foreign-layers', 'with layers that may not be distributed')
    .option('--verify-key <file>', 'copy nothing that cosign did not sign with this public key (PEM)')
    .option('--transfers <count>', 'blobs on their way at once (default: 4)')
}

/** Adds those, and the flags that say how images are pushed. */
export function addCopyOptions(command: Command): Command {
  return addPushOptions(addFetchOptions(command))
}

/** Adds the flags that say how images are pushed. */
export function addPushOptions(command: Command): Command {
  return command
    .option('--gate <command>', 'runs on the OCI layout of each image, and on each chart; a failure stops all')
    .option('--create-repository <command>', 'runs with the path of each repository that must be created first')
    .option('--journal <folder>', 'where half-fetched blobs wait (default: in the cache of the user)')
}

export interface CopyRun {
  readonly report: Report
  readonly signal: AbortSignal
  /** What the progress is shown under. */
  readonly name: string
  /** Opens the repository of a name where images do not come from the registry of that name. Default: they do. */
  readonly source?: (repository: string) => ContentSource
}

/**
 * Copies images as the flags say, and gives what became of each. Throws as `copyImages` does, FILE_NOT_FOUND,
 * GATE_REFUSED, SIGNATURE_INVALID, USAGE.
 */
export async function runCopy(
  pairs: readonly ImagePair[],
  options: ImageCopyOptions,
  run: CopyRun,
): Promise<CopyResult> {
  const { report, signal, name, source } = run
  const { registries, copyOptions } = await openCopy(options, run)
  const items = copyItems(pairs, (repository) => registries.repository(repository), source && { source })
  const journal = await openJournal(options.journal ?? defaultJournal(pairs))
  let done = false
  report({ type: 'stage-started', chart: name, stage: 'copy' })
  try {
    const result = await copyMaybeGated(items, { ...copyOptions, journal, signal }, options.gate)
    done = true
    report({ type: 'stage-finished', chart: name, stage: 'copy', summary: summaryOf(result) })
    return result
  } finally {
    await journal.close({ done })
    await registries.close()
  }
}

/** Opens registries, and says how images are copied, as the flags have it. Throws FILE_NOT_FOUND, USAGE. */
export async function openCopy(
  options: ImageCopyOptions,
  { report, signal, name }: CopyRun,
): Promise<{ readonly registries: Registries; readonly copyOptions: CopyOptions }> {
  let quota: Quota | undefined
  const collectNow = openCollector()
  const copyOptions: CopyOptions = {
    ...(await approval(options)),
    referrers: options.referrers !== false,
    foreignLayers: options.foreignLayers === true,
    platforms: (options.platform ?? []).map(parsePlatform),
    transfers: transfersOf(options.transfers),
    signal,
    onProgress: (progress) => {
      collectNow()
      report({
        type: 'copy-progress',
        chart: name,
        progress: quota === undefined ? progress : { ...progress, quota },
      })
    },
    onWarning: (message) => report({ type: 'warning', chart: name, message }),
  }
  const registries = await openCommandRegistries(options, (said) => {
    quota = said
  })
  return { registries, copyOptions }
}

async function copyMaybeGated(
  items: readonly CopyItem[],
  options: CopyOptions,
  gate: string | undefined,
): Promise<CopyResult> {
  if (gate === undefined) return copyImages(items, options)
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-gate-'))
  try {
    return await copyGated(items, {
      ...options,
      folder,
      gate: (layout, item) => runGate(gate, 'image', `${item.source.name}:${item.from}`, layout, options.signal),
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs the user's gate on an archive. Throws GATE_REFUSED. */
export async function gateChart(archive: ChartArchive, gate: string, signal: AbortSignal): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-gate-'))
  try {
    const path = join(folder, archive.fileName)
    await writeFile(path, archive.bytes)
    await runGate(gate, 'chart', archive.fileName, path, signal)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function runGate(
  command: string,
  kind: 'image' | 'chart',
  reference: string,
  path: string,
  signal?: AbortSignal,
): Promise<void> {
  await runHook(command, [path], { CHARTFERRY_KIND: kind, CHARTFERRY_REFERENCE: reference }, 'GATE_REFUSED', signal)
}

async function approval({ verifyKey }: ImageCopyOptions): Promise<Pick<CopyOptions, 'approve'>> {
  if (verifyKey === undefined) return {}
  const pem = await readText(verifyKey, 'public key')
  const key = parsePublicKey(pem, verifyKey)
  return { approve: ({ source }, descriptor, signal) => verifySignature(source, descriptor, key, { signal }) }
}

function transfersOf(text: string | undefined): number {
  const count = Number(text ?? 4)
  if (Number.isInteger(count) && count >= 1 && count <= 64) return count
  throw new ChartferryError('USAGE', `--transfers ${text}: a number from 1 to 64 is wanted`)
}

/** The same images to the same places are the same run. */
function defaultJournal(pairs: readonly ImagePair[]): string {
  const identity = createHash('sha256').update(JSON.stringify(pairs)).digest('hex').slice(0, 16)
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'chartferry', 'copies', identity)
}

/** What a copy did, in a line. */
export function summaryOf({ images, bytes }: CopyResult): string {
  const present = images.filter((image) => image.present).length
  const referrers = images.reduce((sum, image) => sum + image.referrers, 0)
  return [
    `${images.length} images`,
    ...(present > 0 ? [`${present} were there`] : []),
    ...(referrers > 0 ? [`${referrers} that refer to them`] : []),
    `${(bytes.sent / 1e6).toFixed(1)} MB sent`,
    ...(bytes.mounted > 0 ? [`${(bytes.mounted / 1e6).toFixed(1)} MB mounted`] : []),
  ].join(' · ')
}
