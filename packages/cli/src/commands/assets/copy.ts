// `chartferry assets copy`: what `kops get assets --copy` does.

import { ChartferryError } from '@chartferry/core'
import {
  assetList,
  type CopiedFile,
  type CopyFilesOptions,
  copyFiles,
  copyPairs,
  type PlacedFile,
} from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { type AssetOptions, type Assets, addAssetOptions, gatherAssets } from '../../flags/asset-options.ts'
import { addChartOptions } from '../../flags/chart-options.ts'
import { openCommandClient } from '../../flags/command-client.ts'
import { addCopyOptions, type ImageCopyOptions, journalFor, withCopying } from '../../flags/copy-options.ts'
import { openFileSink } from '../../flags/file-list.ts'
import { addOutputOptions } from '../../flags/output-options.ts'
import { addRegistryOptions } from '../../flags/registry-options.ts'
import { untilStopped } from '../../flags/stop-signal.ts'
import { formatAssets } from '../../print/assets.ts'
import { formatBytes } from '../../print/copy-progress.ts'
import { openProgress, type Progress } from '../../print/progress.ts'
import { say } from '../../print/say.ts'

interface AssetCopyOptions extends AssetOptions, ImageCopyOptions {
  readonly dryRun?: boolean
}

/** Adds the verb. */
export function addAssetsCopyCommand(assets: Command): void {
  const command = assets
    .command('copy [chart...]')
    .summary('copy images and files, then print the list')
    .description(
      'Copy images to the registry and files to the file repository, and print the list. Each file is compared with its digest before it is published, and gets a checksum file; what is there is skipped. In a bucket that clusters read by https, each file is read back without credentials.',
    )
    .option('--dry-run', 'print the list, copy nothing')
  addOutputOptions(addRegistryOptions(addChartOptions(addCopyOptions(addAssetOptions(command)))))
    .addHelpText(
      'after',
      `
Example:
  $ chartferry assets copy web-1.0.0.tgz --to registry.corp:5000/mirror
  $ chartferry assets copy --files files.txt --file-repository files/`,
    )
    .action((charts: string[], options: AssetCopyOptions) => untilStopped((signal) => copy(charts, options, signal)))
}

async function copy(charts: readonly string[], options: AssetCopyOptions, signal: AbortSignal): Promise<void> {
  const assets = await gatherAssets(charts, options, signal)
  // Two assets with one name are refused before anything is copied.
  const list = assetList(assets.images, assets.files)
  const images = assets.images.filter(({ from, to }) => from !== to)
  const files = assets.files.filter(({ key }) => key !== undefined)
  if (images.length === 0 && files.length === 0 && charts.length === 0) {
    throw new ChartferryError('USAGE', 'nothing says where the images and files go', {
      hint: 'Give the registry with --to, and the place for files with --file-repository.',
    })
  }
  if (options.dryRun !== true) {
    const progress = openProgress({ quiet: options.quiet === true })
    try {
      const platform = options.platform ?? assets.platforms
      const flags = {
        ...options,
        platform,
        declaredRegistries: assets.registries,
        journal: journalFor(options, images),
      }
      const run = { report: progress.report, signal, name: options.to ?? 'images' }
      if (images.length > 0) await withCopying(flags, run, (copying) => copyPairs(images, copying))
      if (files.length > 0) await copyToPlace(files, assets.place, options, progress, signal)
    } finally {
      progress.close()
    }
  }
  say(formatAssets(list, options))
}

async function copyToPlace(
  files: readonly PlacedFile[],
  place: Assets['place'],
  options: AssetCopyOptions,
  { report }: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (place === undefined) return
  const sink = await openFileSink(place)
  const client = await openCommandClient(options)
  report({ type: 'stage-started', chart: sink.name, stage: 'copy' })
  let bytes = 0
  const copyOptions: CopyFilesOptions = {
    client,
    signal,
    isPublic: place.kind === 'bucket' && place.isPublic,
    onProgress: (progress) => {
      bytes = progress.bytes.done
      report({ type: 'copy-progress', chart: sink.name, progress })
    },
  }
  try {
    const copied = await copyFiles(files, sink, copyOptions)
    report({ type: 'stage-finished', chart: sink.name, stage: 'copy', summary: summaryOf(copied, bytes, copyOptions) })
  } finally {
    await sink.close()
    await client.close()
  }
}

function summaryOf(copied: readonly CopiedFile[], bytes: number, { isPublic }: CopyFilesOptions): string {
  const present = copied.filter((file) => file.present).length
  return [
    `${copied.length} files`,
    ...(present > 0 ? [`${present} were there`] : []),
    `${formatBytes(bytes)} written`,
    ...(isPublic === true ? ['all can be read without credentials'] : []),
  ].join(' · ')
}
