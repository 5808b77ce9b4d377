// `chartferry copy`: images from registry to registry, with all that belongs to them.

import { ChartferryError, targetModes } from '@chartferry/core'
import { copyPairs, type ImagePair } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { chartImages } from '../flags/chart-images.ts'
import { addScenarioOptions, type ChartOptions } from '../flags/chart-options.ts'
import { chartRequest } from '../flags/chart-request.ts'
import { type CommandRun, withRun } from '../flags/command-run.ts'
import { addCopyOptions, type ImageCopyOptions, journalFor, withCopying } from '../flags/copy-options.ts'
import { addConfigOption, type ConfigOption } from '../flags/declared.ts'
import { type Names, namesAt, pairsOf, readImageList, readPlanImages } from '../flags/image-list.ts'
import { declaredNames, lockedPairs, openLocked } from '../flags/locked.ts'
import { isManifests, manifestImages } from '../flags/manifest-source.ts'
import { addOutputOptions, addSummaryOption, type OutputOptions } from '../flags/output-options.ts'
import { addRegistryOptions } from '../flags/registry-options.ts'
import { copiedRows, copiedToJson, formatCopied } from '../print/copied.ts'
import { say, sayJson } from '../print/say.ts'

interface CopyCommandOptions extends ImageCopyOptions, ChartOptions, OutputOptions, ConfigOption {
  readonly to?: string
  readonly mode?: string
  readonly imageList?: readonly string[]
  readonly plan?: readonly string[]
  readonly chart?: readonly string[]
  readonly dryRun?: boolean
}

const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, value]

/** Adds the command. */
export function addCopyCommand(program: Command): void {
  const command = program
    .command('copy [image...]')
    .description(
      'Copy images to your registry: every platform, signature, attestation and SBOM, byte for byte. What is there is skipped; after a break, run it again: it goes on where it was.',
    )
    .optionsGroup('What, and where to:')
    .option('--to <registry[/prefix]>', 'registry that the images go to, and the path below it')
    .option('--mode <mode>', `how names there are made: ${targetModes.join(', ')} (default: path)`)
    .option(
      '--chart <chart>',
      'the images of a chart, or of manifests (- for standard input), may be repeated',
      collect,
    )
    .option('--plan <file>', 'the images of a plan of `relocate --save-plan`, may be repeated', collect)
    .option(
      '--image-list <file>',
      'an image a line, with its new name behind it if it is to have one, may be repeated',
      collect,
    )
    .option('--dry-run', 'print what would be copied')
  addConfigOption(command)
  addOutputOptions(addSummaryOption(addRegistryOptions(addScenarioOptions(addCopyOptions(command)))))
    .addHelpText(
      'after',
      `
Example:
  $ chartferry copy quay.io/prometheus/prometheus:v3.5.0 --to registry.corp:5000/mirror
  $ chartferry copy --chart web-1.0.0.tgz --to registry.corp:5000/mirror
  $ chartferry copy --chart k8s/ --to registry.corp:5000/mirror
  $ chartferry copy --config chartferry.yaml
  $ chartferry copy --plan plan.json --verify-key cosign.pub`,
    )
    .action((images: string[], options: CopyCommandOptions) =>
      withRun('chartferry copy', options, (run) => copy(images, options, run)),
    )
}

async function copy(images: readonly string[], options: CopyCommandOptions, run: CommandRun): Promise<void> {
  const { progress, signal, note } = run
  const locked = options.config === undefined ? undefined : await openLocked(options.config, options)
  const names = locked === undefined ? namesAt(options.to, options.mode) : declaredNames(locked, options)
  const lists = await Promise.all([
    ...(options.imageList ?? []).map((file) => readImageList(file, names)),
    ...(options.plan ?? []).map((file) => readPlanImages(file, names)),
    ...(options.chart ?? []).map((chart) => chartPairs(chart, names, options, signal)),
  ])
  const lockedImages = locked === undefined ? [] : lockedPairs(locked, names)
  const pairs = [...pairsOf(images, names), ...lockedImages, ...lists.flat()]
  if (pairs.length === 0) {
    throw new ChartferryError('USAGE', 'nothing is to be copied', {
      hint: 'Name images, or give --chart, --plan, --image-list or --config.',
    })
  }
  if (options.dryRun === true) {
    if (options.json === true) sayJson({ images: pairs })
    else for (const { from, to } of pairs) say(`${from} → ${to}`)
    return
  }
  const platform = options.platform ?? locked?.declaration.platforms ?? []
  const name = options.to ?? locked?.declaration.target ?? 'copy'
  const declaredRegistries = locked?.declaration.registries ?? []
  const flags = { ...options, platform, declaredRegistries, journal: journalFor(options, pairs) }
  const result = await withCopying(flags, { report: progress.report, signal, name }, (copying) =>
    copyPairs(pairs, copying),
  )
  progress.close()
  for (const row of copiedRows(result)) note(row)
  say(options.json === true ? JSON.stringify(copiedToJson(result), null, 2) : formatCopied(result))
}

async function chartPairs(
  chart: string,
  names: Names | undefined,
  options: CopyCommandOptions,
  signal: AbortSignal,
): Promise<readonly ImagePair[]> {
  if (await isManifests(chart)) return pairsOf((await manifestImages(chart, options, signal)).images, names)
  const images = await chartImages(chartRequest(chart, options), signal)
  return images.flatMap(({ reference, ...wish }) => pairsOf([reference], names).map((pair) => ({ ...pair, ...wish })))
}
