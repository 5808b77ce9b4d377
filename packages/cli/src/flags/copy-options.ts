// The flags by which commands say how images are copied.
import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ChartferryError, type CopyProgress, isChartferryError, type Report } from '@chartferry/core'
import { parsePlatform, parsePublicKey, type Quota, type RegistrySetting, type Repeat } from '@chartferry/core/oci'
import { type CopyPairsOptions, type Gate, type ImagePair, placeName } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { openCollector } from '../gc-tuning.ts'
import { formatBytes } from '../print/copy-progress.ts'
import { withDone } from '../print/with-done.ts'
import { patienceOf } from './patience-options.ts'
import { readText } from './read-text.ts'
import { openCommandRegistries, type RegistryOptions } from './registry-options.ts'
import { runHook } from './run-hook.ts'

/** What these flags give. */
export interface ImageCopyOptions extends RegistryOptions {
  readonly platform?: readonly string[]
  /** False with `--no-referrers`. */
  readonly referrers?: boolean
  readonly foreignLayers?: boolean
  /** True with the flag alone, or its value. */
  readonly skipMissing?: string | boolean
  readonly transfers?: string
  readonly journal?: string
  readonly gate?: string
  /** Where images are pushed that have the names of `to`. */
  readonly pushTo?: string
  readonly to?: string
  readonly verifyKey?: string
}

const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, ...value.split(',')]

/** The flag by which commands go on without images that are gone. */
export const skipMissingFlag: readonly [flag: string, about: string] = [
  '--skip-missing [which]',
  'go on without images that are missing, or denied by a rule: those that your values do not need, or `all`',
]

/** Adds the flags that say what of images is fetched. */
export function addFetchOptions(command: Command): Command {
  return command
    .optionsGroup('How images are copied:')
    .option('--platform <os/arch>', 'these platforms only; digests of indexes change (default: all)', collect)
    .option('--no-referrers', 'without signatures, attestations and SBOMs')
    .option('--foreign-layers', 'with layers that may not be distributed')
    .option('--verify-key <file>', 'copy nothing that cosign did not sign with this public key (PEM)')
    .option(skipMissingFlag[0], skipMissingFlag[1])
    .option('--transfers <count>', 'blobs on their way at once (default: 4)')
}

/** Adds those, and the flags that say how images are pushed. */
export function addCopyOptions(command: Command): Command {
  return addPushOptions(addFetchOptions(command))
}

/** Adds the flags that say how images are pushed. */
export function addPushOptions(command: Command): Command {
  return command
    .option(
      '--gate <command>',
      'command that checks the OCI layout of each image, and each chart; if it fails, everything stops',
    )
    .option('--push-to <registry[/prefix]>', 'registry to push to, if it has another name than --to')
    .option(
      '--create-repository <command>',
      'command that creates a repository; it gets the path of each one that is missing',
    )
    .option('--journal <folder>', 'where half-fetched blobs wait (default: in the cache of the user)')
}

export interface CopyRun {
  readonly report: Report
  readonly signal: AbortSignal
  /** What the progress is shown under. */
  readonly name: string
  /** Where what was fetched waits for the next run. Default: in the folder that `journal` names. */
  readonly kept?: string
}

/**
 * Opens registries and runs work that copies as the flags say, and gives what it gives. Throws FILE_NOT_FOUND, USAGE,
 * what the work throws.
 */
export async function withCopying<Result>(
  options: ImageCopyOptions,
  { report, signal, name, kept = options.journal }: CopyRun,
  work: (copying: CopyPairsOptions) => Promise<Result>,
): Promise<Result> {
  const { verifyKey, gate, journal } = options
  let quota: Quota | undefined
  // The credentials of a chart's repository are no credentials of a registry.
  const { username: _user, password: _password, ...given } = options
  const rest = { ...given, declaredRegistries: withPushName(given) }
  const transfers = transfersOf(options.transfers)
  const platforms = (options.platform ?? []).map(parsePlatform)
  const key = verifyKey === undefined ? undefined : parsePublicKey(await readText(verifyKey, 'public key'), verifyKey)
  const skipMissing = skippedOf(options.skipMissing)
  const collectNow = openCollector()
  const repeats = openRepeats()
  let last: CopyProgress | undefined
  const registries = await openCommandRegistries(rest, {
    onQuota: (said) => {
      quota = said
    },
    onRepeat: repeats.add,
    onWarning: (message) => report({ type: 'warning', chart: name, message }),
  })
  try {
    const result = await work({
      open: (repository) => registries.repository(repository),
      read: (repository) => registries.source(repository),
      name,
      signal,
      platforms,
      transfers,
      referrers: options.referrers !== false,
      foreignLayers: options.foreignLayers === true,
      verifyKey: key,
      journal,
      gate: gate === undefined ? undefined : gateOf(gate, signal),
      report: (event) => {
        if (event.type !== 'copy-progress') return report(event)
        last = event.progress
        collectNow()
        report(quota === undefined ? event : { ...event, progress: { ...event.progress, quota } })
      },
      onRepeat: repeats.add,
      ...patienceOf(options),
      skipMissing,
    })
    if (repeats.words() !== '') report({ type: 'warning', chart: name, message: repeats.words() })
    return result
  } catch (thrown) {
    if (!isChartferryError(thrown) || last === undefined) throw thrown
    throw withDone(
      thrown,
      { images: last.images, bytes: last.bytes, ...(kept === undefined ? {} : { kept }) },
      hintOf(thrown, last, kept),
    )
  } finally {
    await registries.close()
  }
}

/** How to go on with a copy that was stopped. */
function hintOf({ code, hint }: ChartferryError, { images, bytes }: CopyProgress, kept: string | undefined): string {
  if (code !== 'CANCELLED') return hint
  const place = kept === undefined ? '' : ` What was fetched is kept in ${kept}.`
  return `${images.done} of ${images.total} ${images.total === 1 ? 'image is' : 'images are'} done, ${formatBytes(bytes.done)} of ${formatBytes(bytes.total)}.${place}\nRun the same command again: it goes on from there.`
}

/** A command of the user's as a gate. */
export function gateOf(command: string, signal: AbortSignal): Gate {
  return ({ kind, reference, path }) =>
    runHook(command, [path], { CHARTFERRY_KIND: kind, CHARTFERRY_REFERENCE: reference }, 'GATE_REFUSED', signal)
}

/** The settings of registries, with the name that is pushed to. Throws USAGE, REFERENCE_INVALID. */
function withPushName({ declaredRegistries = [], pushTo, to }: ImageCopyOptions): readonly RegistrySetting[] {
  if (pushTo === undefined) return declaredRegistries
  if (to === undefined)
    throw new ChartferryError('USAGE', '--push-to needs the name that the images have', { hint: 'Give it with --to.' })
  const known = declaredRegistries.find(({ prefix }) => prefix === to)
  return [{ ...known, prefix: to, pushTo: placeName(pushTo) }, ...declaredRegistries]
}

/** Which images are left out. Throws USAGE. */
export function skippedOf(which: string | boolean | undefined): 'unneeded' | 'all' | undefined {
  if (which === undefined || which === false) return undefined
  if (which === true) return 'unneeded'
  if (which === 'all') return which
  throw new ChartferryError('USAGE', `--skip-missing=${which}: nothing, or all, is wanted behind it`)
}

/** Counts what was asked again, for a line about it. */
function openRepeats(): { readonly add: (repeat: Repeat) => void; readonly words: () => string } {
  const counts = new Map<string, number>()
  return {
    add: ({ host, why }) => void counts.set(`${host}: ${why}`, (counts.get(`${host}: ${why}`) ?? 0) + 1),
    words: () =>
      counts.size === 0
        ? ''
        : `asked again, and answered then: ${[...counts].map(([what, count]) => `${what} (${count} times)`).join('; ')}`,
  }
}

function transfersOf(text: string | undefined): number {
  const count = Number(text ?? 4)
  if (Number.isInteger(count) && count >= 1 && count <= 64) return count
  throw new ChartferryError('USAGE', `--transfers ${text}: a number from 1 to 64 is wanted`)
}

/** Where half-fetched blobs wait: the same images to the same places are the same run. */
export function journalFor(options: ImageCopyOptions, pairs: readonly ImagePair[]): string {
  const identity = createHash('sha256').update(JSON.stringify(pairs)).digest('hex').slice(0, 16)
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return options.journal ?? join(cache, 'chartferry', 'copies', identity)
}
