// The flags by which a command says what renders its charts.
import {
  type AutoRendererOptions,
  autoRenderer,
  ChartferryError,
  type ChartRenderer,
  helmRenderer,
  isChartferryError,
} from '@chartferry/core'
import { bothRenderer, type EngineRenderer, processRenderer } from '@chartferry/core/helm'
import { type Command, Option } from 'commander'

/** What these flags give. */
export interface RendererOptions {
  readonly renderer: 'auto' | 'engine' | 'helm' | 'both'
  readonly helmVersion?: '3' | '4'
  readonly skipSchemaValidation?: boolean
}

/** Adds the flags to a command. */
export function addRendererOptions(command: Command): Command {
  return command
    .optionsGroup('What renders it:')
    .addOption(
      new Option(
        '--renderer <name>',
        'engine: this process; helm: the one installed; auto: the engine, and helm if it breaks down; both: compared',
      )
        .choices(['auto', 'engine', 'helm', 'both'])
        .default('auto'),
    )
    .addOption(
      new Option(
        '--helm-version <major>',
        'the Helm to follow (default: 3; with helm and both that of the helm installed)',
      ).choices(['3', '4']),
    )
}

/** The engine that the flags ask for. */
export function openEngine({
  helmVersion = '3',
  skipSchemaValidation = false,
}: Omit<RendererOptions, 'renderer'>): EngineRenderer {
  return processRenderer({ helm: majorOf(helmVersion), skipSchema: skipSchemaValidation })
}

/**
 * The renderer that the flags ask for; `onFallback` is told when helm takes the place of the engine.
 * Throws RENDERER_UNAVAILABLE where it needs a helm that is not there.
 */
export async function openRenderer(
  options: RendererOptions,
  onFallback: NonNullable<AutoRendererOptions['onFallback']>,
): Promise<ChartRenderer> {
  switch (options.renderer) {
    case 'engine':
      return openEngine(options)
    case 'helm':
      return await openHelm(options)
    case 'both': {
      const helm = await openHelm(options)
      return bothRenderer(openEngine({ ...options, helmVersion: flagOf(helm) }), helm)
    }
    case 'auto':
      return autoRenderer(openEngine(options), {
        findHelm: () => findHelm({ ...options, helmVersion: options.helmVersion ?? '3' }),
        onFallback,
      })
  }
}

const majorOf = (flag: '3' | '4'): 3 | 4 => (flag === '4' ? 4 : 3)

/** The flag that names the Helm that a renderer is or follows. */
export const flagOf = ({ helm }: ChartRenderer): '3' | '4' => (helm === 4 ? '4' : '3')

async function openHelm({ helmVersion, skipSchemaValidation = false }: RendererOptions): Promise<ChartRenderer> {
  const helm = await helmRenderer({ skipSchema: skipSchemaValidation })
  if (helmVersion === undefined || helm.helm === majorOf(helmVersion)) return helm
  throw new ChartferryError('RENDERER_UNAVAILABLE', `the helm at hand is ${helm.version}, not Helm ${helmVersion}`, {
    hint: `Set HELM_BIN to the path of a helm ${helmVersion}.`,
  })
}

async function findHelm(options: RendererOptions): Promise<ChartRenderer | undefined> {
  try {
    return await openHelm(options)
  } catch (error) {
    if (isChartferryError(error, 'RENDERER_UNAVAILABLE')) return undefined
    throw error
  }
}
