// `chartferry pull`: a chart from a registry or a repository into a folder.
import { directorySink } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { addAccessOptions, type ChartOptions } from '../flags/chart-options.ts'
import { readChart } from '../flags/chart-source.ts'
import { addOutputOptions, type OutputOptions } from '../flags/output-options.ts'
import { addRegistryOptions, type RegistryOptions } from '../flags/registry-options.ts'
import { untilStopped } from '../flags/stop-signal.ts'

interface PullOptions extends ChartOptions, RegistryOptions, OutputOptions {
  readonly destination: string
}

/** Adds the command. */
export function addPullCommand(program: Command): void {
  const command = program
    .command('pull <chart>')
    .description('Fetch a chart archive, and its provenance where there is one; its digest is checked.')
    .option('-d, --destination <folder>', 'folder for the archive', '.')
  addOutputOptions(addRegistryOptions(addAccessOptions(command)))
    .addHelpText(
      'after',
      `
CHART is oci://HOST/PATH/NAME, a URL of an archive, or REPOSITORY/NAME as helm knows it.

Example:
  $ chartferry pull oci://registry.corp:5000/charts/web --version 1.0.0
  $ chartferry pull prometheus/kube-prometheus-stack -d charts/`,
    )
    .action((chart: string, options: PullOptions) => untilStopped((signal) => pull(chart, options, signal)))
}

async function pull(argument: string, options: PullOptions, signal: AbortSignal): Promise<void> {
  const archive = await readChart(argument, options, signal)
  const path = await directorySink(options.destination).put(archive)
  const { name, version } = archive.chart.metadata
  if (options.json === true)
    console.log(JSON.stringify({ chart: { name, version, digest: archive.digest }, archive: path }, null, 2))
  else console.log(`${path}  ${archive.digest}`)
}
