// `chartferry emit`: where images go, in the words of other tools.

import { ChartferryError } from '@chartferry/core'
import { type Emission, emitImages, type ImageFormat, imageFormats } from '@chartferry/core/transfer'
import { type Command, Option } from 'commander'
import { addChartOptions, collect } from '../flags/chart-options.ts'
import { emittedImages } from '../flags/emitted-images.ts'
import { addOutputOptions } from '../flags/output-options.ts'
import { addTargetFlags } from '../flags/plan-options.ts'
import { addRegistryOptions } from '../flags/registry-options.ts'
import { untilStopped } from '../flags/stop-signal.ts'
import { printable } from '../print/printable.ts'
import { emitForChart } from './emit-for-chart.ts'
import { type ChartFormat, chartFormats, type EmitOptions } from './emit-options.ts'
import { writeEmitted } from './write-emitted.ts'

const isChartFormat = (format: string): format is ChartFormat => Object.hasOwn(chartFormats, format)
const isImageFormat = (format: string): format is ImageFormat => Object.hasOwn(imageFormats, format)

/** Adds the command. */
export function addEmitCommand(program: Command): void {
  const command = program
    .command('emit <format> [chart...]')
    .description(
      'Write where the images of charts go in the words of another tool, and change no chart. What the tool cannot be told is named, and nothing is written then.',
    )
  addTargetFlags(command)
    .option('--plan <file>', 'the images of a plan of `relocate --save-plan`')
    .option('--image <image>', 'an image that no chart names, may be repeated', collect, [])
    .option('--image-list <file>', 'an image a line, with its new name behind it if it is to have one')
    .option('-d, --destination <folder>', 'folder for the files')
    .option('--merge <file>', 'put it into this file, and keep what else is in it')
    .optionsGroup('How:')
    .option('--mirror-only', 'mirror or nothing: nodes never ask the registry that an image names')
    .option('--mirror-ca <path>', 'path on the nodes of the certificate that signed the one of the mirror')
    .option('--name <name>', 'name of the resource or list (default: that of the chart)')
    .addOption(new Option('--allow-unresolved', 'write what the tool can be told'))
  addOutputOptions(addRegistryOptions(addChartOptions(command)))
    .addHelpText(
      'after',
      `
Formats:
${Object.entries({ ...chartFormats, ...imageFormats })
  .map(([name, about]) => `  ${name.padEnd(17)} ${about}`)
  .join('\n')}

Example:
  $ chartferry emit kustomize web-1.0.0.tgz --to registry.corp:5000/mirror
  $ chartferry emit values web-1.0.0.tgz --to registry.corp:5000/mirror -d out/
  $ chartferry emit hosts web-1.0.0.tgz --to registry.corp:5000/mirror --mirror-only -d certs.d/`,
    )
    .action((format: string, charts: string[], options: EmitOptions) =>
      untilStopped((signal) => emit(format, charts, options, signal)),
    )
}

async function emit(
  format: string,
  charts: readonly string[],
  options: EmitOptions,
  signal: AbortSignal,
): Promise<void> {
  const emission = isChartFormat(format)
    ? await emitForChart(format, charts, options, signal)
    : await emitFormat(format, charts, options, signal)
  const { files, notExpressed } = emission
  if (notExpressed.length > 0 && options.allowUnresolved !== true)
    throw new ChartferryError('NOT_EXPRESSED', `${format}: it cannot say\n${notExpressed.join('\n')}`)
  if (options.quiet !== true)
    for (const line of notExpressed) console.error(`! ${format} cannot say: ${printable(line)}`)
  await writeEmitted(files, options)
}

async function emitFormat(
  format: string,
  charts: readonly string[],
  options: EmitOptions,
  signal: AbortSignal,
): Promise<Emission> {
  if (!isImageFormat(format)) {
    const known = [...Object.keys(chartFormats), ...Object.keys(imageFormats)].join(', ')
    throw new ChartferryError('USAGE', `there is no format ${format}`, { hint: `Known formats: ${known}.` })
  }
  const images = await emittedImages(charts, options, signal)
  const host = (options.to ?? images[0]?.to ?? '').split('/')[0] ?? ''
  return emitImages(format, images, {
    name: options.name ?? nameFor(charts),
    plainHttp: options.plainHttp === true || options.plainHttpHost?.includes(host) === true,
    mirrorOnly: options.mirrorOnly === true,
    ...(options.mirrorCa === undefined ? {} : { caFile: options.mirrorCa }),
  })
}

/** A name that Kubernetes takes, from how the first chart was named. */
function nameFor([chart = '', ...more]: readonly string[]): string {
  const last = chart
    .replace(/[/\\]+$/, '')
    .replace(/^.*[/\\]/, '')
    .replace(/-\d.*$|\.tgz$/, '')
  const name = last
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return name === '' || more.length > 0 ? 'chartferry' : name
}
