// The flags by which commands name charts and say how they are rendered; Helm's names where Helm has one.

import {
  ChartferryError,
  type ChartRenderer,
  helmRenderer,
  isChartferryError,
  type RenderContext,
  type RenderValues,
} from '@chartferry/core'
import { cachedRenderer } from '@chartferry/core/internal'
import type { RegistrySetting } from '@chartferry/core/oci'
import { type Command, Option } from 'commander'
import { parseTime } from './parse-time.ts'
import { readText } from './read-text.ts'
import { openRenderingStore } from './rendering-store.ts'

/** What these flags give. */
export interface ChartOptions {
  readonly version?: string
  readonly devel?: boolean
  readonly repo?: string
  readonly username?: string
  readonly password?: string
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
  readonly insecureSkipTlsVerify?: boolean
  readonly passCredentials?: boolean
  readonly values: readonly string[]
  readonly set: readonly string[]
  readonly setString: readonly string[]
  readonly setFile: readonly string[]
  readonly setJson: readonly string[]
  readonly setLiteral: readonly string[]
  readonly kubeVersion: readonly string[]
  readonly apiVersions: readonly string[]
  /** What a declaration says of registries. Default: none is followed. */
  readonly declaredRegistries?: readonly RegistrySetting[]
  readonly skipSchemaValidation?: boolean
  readonly renderTimeout?: string
  /** Values that a declaration holds: the flags go over them. Default: none. */
  readonly declaredValues?: readonly { readonly name: string; readonly text: string }[]
}

/** What the flags of commands give that find images in more than one rendering. */
interface ScenarioOptions {
  /** Whether further values files of the chart are looked at. */
  readonly extraValues?: boolean
  readonly helmVersion?: '3' | '4' | 'both'
}

/** Gathers a flag that may be repeated. */
export const collect = (value: string, previous: readonly string[]): string[] => [...previous, value]

/** Gathers a flag that may be repeated, and of which one may name several, with commas. */
const collectList = (value: string, previous: readonly string[]): string[] => [...previous, ...value.split(',')]

/** Adds the flags that say which chart, and how its repository or registry is reached. */
function addAccessOptions(command: Command): Command {
  return command
    .optionsGroup('Which chart:')
    .option('--version <range>', 'version or range, as helm takes it (default: the newest stable one)')
    .option('--devel', 'also prereleases, if no version is given: >0.0.0-0')
    .option('--repo <url>', 'repository that the charts are in')
    .option('--username <name>', 'user at the repository')
    .option('--password <text>', 'password at the repository')
    .option('--ca-file <file>', 'certificates to trust (PEM)')
    .option('--cert-file <file>', 'own certificate (PEM)')
    .option('--key-file <file>', 'key of the own certificate (PEM)')
    .option('--insecure-skip-tls-verify', 'believe any certificate of the repository')
    .option('--pass-credentials', 'send the credentials to other hosts that the index file names')
}

/** Adds the flags to a command. */
export function addChartOptions(command: Command): Command {
  return addAccessOptions(command)
    .optionsGroup('How it is rendered:')
    .option('-f, --values <file>', 'values file, may be repeated', collectList, [])
    .option('--set <path=value>', 'a value, may be repeated', collect, [])
    .option('--set-string <path=value>', 'a value that is a string, may be repeated', collect, [])
    .option('--set-file <path=file>', 'a value that is the text of a file, may be repeated', collect, [])
    .option('--set-json <path=json>', 'a value in JSON, may be repeated', collect, [])
    .option('--set-literal <path=text>', 'a text as it is, may be repeated', collect, [])
    .option('--kube-version <version>', "Kubernetes version, may be repeated (default: helm's own)", collectList, [])
    .option('-a, --api-versions <version>', 'API version the cluster has, may be repeated', collectList, [])
    .option('--skip-schema-validation', 'do not check values against values.schema.json')
    .option('--render-timeout <time>', renderTimeoutHelp)
}

/** The user's values, read from disk. Throws FILE_NOT_FOUND, USAGE. */
export async function readRenderValues(options: ChartOptions): Promise<RenderValues> {
  const files = await Promise.all(
    options.values.map(async (name) => ({ name, text: await readText(name, 'values file') })),
  )
  const setFile = await Promise.all(
    options.setFile
      .flatMap(splitAssignments)
      .map(async ({ key, file }) => ({ key, text: await readText(file, '--set-file') })),
  )
  return {
    files: [...(options.declaredValues ?? []), ...files],
    set: options.set,
    setString: options.setString,
    setFile,
    setJson: options.setJson,
    setLiteral: options.setLiteral,
  }
}

/** `a.b=one.txt,c=two.txt`, as `--set-file` takes it. Throws USAGE. */
function splitAssignments(argument: string): readonly { readonly key: string; readonly file: string }[] {
  return argument.split(',').map((assignment) => {
    const equals = assignment.indexOf('=')
    if (equals > 0) return { key: assignment.slice(0, equals), file: assignment.slice(equals + 1) }
    throw new ChartferryError('USAGE', `--set-file ${argument}: ${JSON.stringify(assignment)} is not PATH=FILE`)
  })
}

/** What `--render-timeout` is, for commands that have the flag alone. */
export const renderTimeoutHelp = 'how long one rendering may take, such as 90s or 5m (default: 2m)'

/** Milliseconds; undefined where the flag is not given. Throws USAGE. */
export function renderTimeoutOf({ renderTimeout }: Pick<ChartOptions, 'renderTimeout'>): number | undefined {
  if (renderTimeout === undefined) return undefined
  const milliseconds = parseTime('--render-timeout', renderTimeout)
  if (milliseconds > 0) return milliseconds
  throw new ChartferryError('USAGE', `--render-timeout ${renderTimeout}: more than nothing is wanted`)
}

/** What helm is told besides values, and the bounds of a rendering. Throws USAGE. */
export function renderOptions(options: ChartOptions & ScenarioOptions, signal: AbortSignal): RenderContext {
  const { kubeVersion, apiVersions, skipSchemaValidation = false, extraValues = true, helmVersion } = options
  const [first, ...alsoKubeVersions] = kubeVersion
  const timeoutMs = renderTimeoutOf(options)
  return {
    apiVersions,
    alsoKubeVersions,
    signal,
    ...(first === undefined ? {} : { kubeVersion: first }),
    ...(skipSchemaValidation ? { skipSchema: true } : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(extraValues ? {} : { extraValues }),
    ...(helmVersion === undefined ? {} : { helm: helmVersion === 'both' ? 'both' : helmVersion === '4' ? 4 : 3 }),
  }
}

/** Adds the flags of commands that find images in more than one rendering. */
export function addScenarioOptions(command: Command): Command {
  return addChartOptions(command)
    .option('--no-extra-values', 'leave out values files that the chart ships beside values.yaml')
    .addOption(
      new Option('--helm-version <major>', 'the Helm to follow (default: 3, and 4 where they differ)').choices([
        '3',
        '4',
        'both',
      ]),
    )
}

/**
 * Helm, where it is installed; where it is not, says so, and what happens otherwise. What it renders is kept between
 * runs, unless the values given may hold what is nobody's business. Throws RENDERER_UNAVAILABLE for a HELM_BIN that is
 * no helm.
 */
export async function findRenderer(
  options: Partial<Pick<ChartOptions, 'values' | 'set' | 'setString' | 'setFile' | 'setJson' | 'setLiteral'>> & {
    readonly config?: string
    /** Whether values come from elsewhere. Default: those given count alone. */
    readonly mayHoldSecrets?: boolean
    readonly quiet?: boolean
  },
  otherwise = 'the engine of this process proves the result',
): Promise<ChartRenderer | undefined> {
  const { quiet, values = [], set = [], setString = [], setFile = [], setJson = [], setLiteral = [], config } = options
  try {
    const helm = await helmRenderer()
    const mayHoldSecrets =
      options.mayHoldSecrets === true ||
      config !== undefined ||
      [values, set, setString, setFile, setJson, setLiteral].some((list) => list.length > 0)
    return mayHoldSecrets ? helm : await keepRenderings(helm)
  } catch (error) {
    if (!isChartferryError(error, 'RENDERER_UNAVAILABLE') || process.env.HELM_BIN) throw error
    if (quiet !== true)
      console.error(`! helm was not found: ${otherwise}. Install helm, or set HELM_BIN, for helm’s own verdict.`)
    return undefined
  }
}

/** Where the cache folder cannot be written, every rendering is a new one. */
async function keepRenderings(helm: ChartRenderer): Promise<ChartRenderer> {
  try {
    return cachedRenderer(helm, await openRenderingStore())
  } catch (error) {
    if (isChartferryError(error, 'STORE_UNAVAILABLE')) return helm
    throw error
  }
}
