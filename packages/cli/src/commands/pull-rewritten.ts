// `chartferry pull --rewrite-images`: an application into a working folder, as `kots pull` lays it out.

import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { type ChartArchive, ChartferryError, parseMode } from '@chartferry/core'
import {
  type Application,
  applicationOfChart,
  applicationOfFolder,
  folderRepository,
  pushFolder,
  rewriteIntoFolder,
} from '@chartferry/core/transfer'
import { type ChartOptions, readRenderValues, renderOptions } from '../flags/chart-options.ts'
import { readChart } from '../flags/chart-source.ts'
import { journalFor, withCopying } from '../flags/copy-options.ts'
import { type KotsRegistryOptions, kotsRegistry } from '../flags/kots-options.ts'
import type { OutputOptions } from '../flags/output-options.ts'
import type { RegistryOptions } from '../flags/registry-options.ts'
import { openRenderer } from '../flags/renderer-options.ts'
import { openProgress } from '../print/progress.ts'
import { say, sayJson } from '../print/say.ts'
import { formatTable } from '../print/table.ts'

export interface PullRewrittenOptions extends ChartOptions, RegistryOptions, OutputOptions, KotsRegistryOptions {
  readonly rewriteImages?: boolean
  readonly licenseFile?: string
  readonly mode?: string
}

/** Pulls, rewrites, copies and pushes. Throws USAGE for what only KOTS' own service gives, as `rewriteIntoFolder` does. */
export async function pullRewritten(
  argument: string,
  options: PullRewrittenOptions,
  signal: AbortSignal,
): Promise<void> {
  const { target, login, options: registry } = kotsRegistry(options)
  const application = await readApplication(argument, options, signal)
  const folder = options.workingDir ?? application.name
  const progress = openProgress({ quiet: options.quiet === true })
  const flags = { ...options, ...registry, journal: journalFor(options, [{ from: application.digest, to: folder }]) }
  try {
    const images = await withCopying(
      flags,
      { report: progress.report, signal, name: application.name },
      async (copying) => {
        const rewritten = await rewriteIntoFolder(application, {
          folder,
          target,
          mode: options.mode === undefined ? 'last' : parseMode(options.mode),
          login,
          copying,
        })
        const place = folderRepository(`${target.host}/${target.prefix}`, application.name)
        await pushFolder(folder, copying.open(place), { signal })
        return rewritten
      },
    )
    progress.close()
    if (options.json === true) sayJson({ folder, images })
    else {
      if (images.length > 0)
        say(
          formatTable([['image', 'at the registry', ''], ...images.map(({ from, to, change }) => [from, to, change])]),
        )
      say(`\nkubectl apply -k ${folder}/overlays/downstreams/this-cluster`)
    }
  } finally {
    progress.close()
  }
}

/** What only Replicated's service knows. Throws USAGE. */
export function refuseReplicated(argument: string, { licenseFile }: PullRewrittenOptions): void {
  if (licenseFile === undefined && !argument.startsWith('replicated://')) return
  const what = licenseFile === undefined ? argument : `--license-file ${licenseFile}`
  throw new ChartferryError(
    'USAGE',
    `${what}: licensed applications come from Replicated’s service, which this command does not ask`,
    {
      hint: 'Get the chart or the manifests from the vendor (helm pull oci://registry.replicated.com/… with your licence), and pull that archive or folder.',
    },
  )
}

async function readApplication(
  argument: string,
  options: PullRewrittenOptions,
  signal: AbortSignal,
): Promise<Application> {
  const isFolder = (await stat(argument).catch(() => undefined))?.isDirectory() === true
  const isChart = isFolder && (await stat(`${argument}/Chart.yaml`).catch(() => undefined)) !== undefined
  if (isFolder && !isChart) return applicationOfFolder(argument, basename(resolve(argument)))
  const archive = await readChart(argument, options, signal)
  return applicationOfChart(archive, await render(archive, options, signal))
}

async function render(archive: ChartArchive, options: PullRewrittenOptions, signal: AbortSignal) {
  const renderer = await openRenderer({ renderer: 'auto' }, () => {})
  const rendering = await renderer.open(archive)
  try {
    const release = { name: archive.chart.metadata.name, namespace: 'default' }
    return await rendering.render(await readRenderValues(options), { ...renderOptions(options, signal), release })
  } finally {
    await rendering.close()
  }
}
