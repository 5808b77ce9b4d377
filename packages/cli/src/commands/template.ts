// `chartferry template`: what `helm template` prints, and who wrote each part of its images.

import { ChartferryError } from '@chartferry/core'
import { bytesOf, formatTemplateOutput } from '@chartferry/core/helm'
import { messageOf, traceImages } from '@chartferry/core/internal'
import { type Command, Option } from 'commander'
import { addChartOptions, type ChartOptions, collect, readRenderValues, renderOptions } from '../flags/chart-options.ts'
import { readChart } from '../flags/chart-source.ts'
import { addRegistryOptions } from '../flags/registry-options.ts'
import {
  addRendererOptions,
  flagOf,
  openEngine,
  openRenderer,
  type RendererOptions,
} from '../flags/renderer-options.ts'
import { untilStopped } from '../flags/stop-signal.ts'
import { printable } from '../print/printable.ts'
import { formatTracedImages } from '../print/traced-images.ts'
import { writeOutput } from '../print/write-output.ts'

interface TemplateOptions extends ChartOptions, RendererOptions {
  readonly namespace: string
  readonly includeCrds?: boolean
  readonly showOnly: readonly string[]
  readonly skipTests?: boolean
  /** Of `--no-hooks`. */
  readonly hooks: boolean
  readonly trace?: boolean
}

/** Adds the command. */
export function addTemplateCommand(program: Command): void {
  const command = program
    .command('template <name|chart> [chart]')
    .usage('[options] [name] <chart>')
    .description(
      'Render a chart and print what `helm template` prints, byte for byte. No helm is needed; --trace tells who wrote each part of each image.',
    )
  addRegistryOptions(
    addRendererOptions(
      addChartOptions(command).addOption(
        new Option('-n, --namespace <name>', 'namespace of the release').env('HELM_NAMESPACE').default('default'),
      ),
    ),
  )
    .optionsGroup('What is printed:')
    .option('--include-crds', 'print custom resource definitions, too')
    .option('-s, --show-only <path>', 'only what this template printed, may be repeated', collect, [])
    .option('--skip-tests', 'no tests')
    .option('--no-hooks', 'no hooks')
    .option('--trace', 'on standard error: every image, and the file and line of each part of it')
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'print help')
    .addHelpText(
      'after',
      `
NAME is that of the release (default: release-name).
CHART is a folder, an archive, a URL of an archive, or REPOSITORY/NAME as helm knows it.

Example:
  $ chartferry template web ./web-1.0.0.tgz -f production.yaml
  $ chartferry template ./web --trace >/dev/null`,
    )
    .action((first: string, second: string | undefined, options: TemplateOptions) =>
      untilStopped((signal) => template(first, second, options, signal)),
    )
}

async function template(
  first: string,
  second: string | undefined,
  options: TemplateOptions,
  signal: AbortSignal,
): Promise<void> {
  const { includeCrds = false, hooks, skipTests = false, showOnly, trace = false } = options
  if (trace && options.renderer === 'helm') {
    throw new ChartferryError('USAGE', '--trace needs the engine: helm does not tell where its output comes from', {
      hint: 'Leave out --renderer helm, or give --renderer both.',
    })
  }
  if (options.kubeVersion.length > 1)
    throw new ChartferryError('USAGE', 'a chart is rendered for one Kubernetes version; --kube-version is given twice')
  const [name, chart] = second === undefined ? ['release-name', first] : [first, second]
  const renderer = await openRenderer(options, ({ version }, error) =>
    console.error(`! rendered by helm ${version}: the engine broke down: ${printable(messageOf(error))}`),
  )
  const archive = await readChart(chart, options, signal)
  const values = await readRenderValues(options)
  const context = { ...renderOptions(options, signal), release: { name, namespace: options.namespace } }

  const rendering = await renderer.open(archive)
  try {
    const rendered = await rendering.render(values, context)
    const { helm } = renderer
    await writeOutput(
      bytesOf(formatTemplateOutput(rendered, { helm, includeCrds, noHooks: !hooks, skipTests, showOnly })),
    )
  } finally {
    await rendering.close()
  }
  if (!trace) return
  const engine = await openEngine({ ...options, helmVersion: flagOf(renderer) }).open(archive)
  try {
    const images = traceImages(await engine.trace(values, context), archive.chart, values)
    if (images.length > 0) console.error(formatTracedImages(images))
  } finally {
    await engine.close()
  }
}
