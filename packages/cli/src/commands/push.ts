// `chartferry push`: chart archives to a registry, or to a repository that takes uploads.

import { type ChartArchive, ChartferryError } from '@chartferry/core'
import { ociRepositorySink, passChart } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { readLocalChart } from '../flags/chart-source.ts'
import { gateOf } from '../flags/copy-options.ts'
import { addOutputOptions, type OutputOptions } from '../flags/output-options.ts'
import {
  addRegistryOptions,
  addTlsOptions,
  openCommandRegistries,
  type RegistryOptions,
} from '../flags/registry-options.ts'
import { untilStopped } from '../flags/stop-signal.ts'
import { uploadChart } from '../flags/upload-chart.ts'
import { say } from '../print/say.ts'

interface PushOptions extends RegistryOptions, OutputOptions {
  readonly gate?: string
}

/** Adds the command. */
export function addPushCommand(program: Command): void {
  const command = program
    .command('push <chart> <remote>')
    .description(
      'Push a chart archive, with its provenance where there is one: to a registry as `helm push` does, or to a repository that takes uploads.',
    )
    .option('-u, --username <name>', 'user at the registry')
    .option('--password <text>', 'password at the registry')
    .option('--gate <command>', 'runs on the archive before it is pushed; a failure stops')
    .option('--create-repository <command>', 'runs with the path of a repository that must be created first')
  addOutputOptions(addTlsOptions(addRegistryOptions(command)))
    .addHelpText(
      'after',
      `
CHART is an archive or a folder. REMOTE is oci://HOST[/PATH], which the name of the chart is put behind, or the URL of a
repository of chartferry or ChartMuseum.

Example:
  $ chartferry push web-1.0.0.tgz oci://registry.corp:5000/charts
  $ chartferry push web-1.0.0.tgz http://127.0.0.1:8080/local`,
    )
    .action((chart: string, remote: string, options: PushOptions) =>
      untilStopped((signal) => push(chart, remote, options, signal)),
    )
}

async function push(argument: string, remote: string, options: PushOptions, signal: AbortSignal): Promise<void> {
  const archive = await readLocalChart(argument, signal)
  if (options.gate !== undefined) await passChart(gateOf(options.gate, signal), archive)
  const place = await pushTo(archive, remote, options)
  const { name, version } = archive.chart.metadata
  say(
    options.json === true
      ? JSON.stringify({ chart: { name, version, digest: archive.digest }, place }, null, 2)
      : place,
  )
}

async function pushTo(archive: ChartArchive, remote: string, options: PushOptions): Promise<string> {
  if (/^https?:\/\//.test(remote)) return uploadChart(archive, remote, options)
  if (!remote.startsWith('oci://')) {
    throw new ChartferryError('USAGE', `${remote}: neither a registry (oci://…) nor the URL of a repository`)
  }
  const path = remote.slice('oci://'.length).replace(/\/+$/, '')
  const registries = await openCommandRegistries(options)
  try {
    return await ociRepositorySink((name) => registries.repository(`${path}/${name}`)).put(archive)
  } finally {
    await registries.close()
  }
}
