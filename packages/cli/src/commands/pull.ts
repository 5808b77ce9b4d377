// `chartferry pull`: a chart from a registry or a repository into a folder.

import { targetModes } from '@chartferry/core'
import { directorySink } from '@chartferry/core/transfer'
import { type Command, Option } from 'commander'
import { addChartOptions } from '../flags/chart-options.ts'
import { readChart } from '../flags/chart-source.ts'
import { addKotsRegistryOptions } from '../flags/kots-options.ts'
import { addOutputOptions } from '../flags/output-options.ts'
import { addRegistryOptions } from '../flags/registry-options.ts'
import { untilStopped } from '../flags/stop-signal.ts'
import { say, sayJson } from '../print/say.ts'
import { type PullRewrittenOptions, pullRewritten, refuseReplicated } from './pull-rewritten.ts'

interface PullOptions extends PullRewrittenOptions {
  readonly destination: string
}

/** Adds the command. */
export function addPullCommand(program: Command): void {
  const command = program
    .command('pull <chart>')
    .description('Fetch a chart archive, and its provenance where there is one; its digest is checked.')
    .option('-d, --destination <folder>', 'folder for the archive', '.')
  command
    .optionsGroup('Into a working folder, as `kots pull` does:')
    .option('--rewrite-images', 'render, copy images into the folder and to the registry, write overlays for kustomize')
    .option('--mode <mode>', `how names there are made: ${targetModes.join(', ')} (default: last, as KOTS has it)`)
    .addOption(new Option('--license-file <file>').hideHelp())
  addKotsRegistryOptions(command)
  addOutputOptions(addRegistryOptions(addChartOptions(command)))
    .addHelpText(
      'after',
      `
CHART is oci://HOST/PATH/NAME, with :TAG, @DIGEST or both, a URL of an archive, or REPOSITORY/NAME as helm knows it.
With a digest, that chart is fetched; a tag or --version that means another chart is refused.

Example:
  $ chartferry pull oci://registry.corp:5000/charts/web --version 1.0.0
  $ chartferry pull prometheus/kube-prometheus-stack -d charts/
  $ chartferry pull web-1.0.0.tgz --rewrite-images --registry-endpoint registry.corp:5000 --image-namespace shop --working-dir shop-kots`,
    )
    .action((chart: string, options: PullOptions) => untilStopped((signal) => pull(chart, options, signal)))
}

async function pull(argument: string, options: PullOptions, signal: AbortSignal): Promise<void> {
  refuseReplicated(argument, options)
  if (options.rewriteImages === true) return pullRewritten(argument, options, signal)
  const archive = await readChart(argument, options, signal)
  const path = await directorySink(options.destination).put(archive)
  const { name, version } = archive.chart.metadata
  if (options.json === true) sayJson({ chart: { name, version, digest: archive.digest }, archive: path })
  else say(`${path}  ${archive.digest}`)
}
