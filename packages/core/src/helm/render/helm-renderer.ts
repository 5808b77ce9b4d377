// Renders charts with a helm binary: the reference that every other renderer is measured by.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChartferryError } from '../../errors.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import type { ChartArchive } from '../chart/chart.ts'
import type {
  ChartRenderer,
  LintResult,
  Rendering,
  RenderOptions,
  RenderResult,
  RenderValues,
} from './chart-renderer.ts'
import { renderTimeoutMs } from './engine-renderer.ts'
import { findHelm, type HelmRun, runHelm } from './helm-command.ts'
import { splitHelmOutput } from './output/helm-output.ts'

export interface HelmRendererOptions {
  /** Path of helm 3 or 4. Default: `HELM_BIN`, else the first helm on PATH. */
  readonly binary?: string
  readonly limits?: Limits
  /** Whether values.schema.json is left aside, as `--skip-schema-validation` does. Default: false. */
  readonly skipSchema?: boolean
  /** MiB of address space that helm may have, where the system bounds it. Default: any number. */
  readonly memory?: number
}

/** A renderer that runs helm. Throws RENDERER_UNAVAILABLE where there is none. */
export async function helmRenderer(options: HelmRendererOptions = {}): Promise<ChartRenderer> {
  const binary = options.binary ?? (await findHelm())
  if (binary === undefined)
    throw new ChartferryError('RENDERER_UNAVAILABLE', 'no helm on PATH, and HELM_BIN is not set')
  const outputBytes = (options.limits ?? defaultLimits).renderBytes
  const probe = await runHelm(binary, ['version', '--template', '{{.Version}}'], { home: tmpdir(), outputBytes })
  const version = probe.stdout.trim()
  if (probe.code !== 0 || !/^v\d/.test(version)) {
    throw new ChartferryError(
      'RENDERER_UNAVAILABLE',
      `${binary} does not answer as helm does: ${probe.stderr.trim() || version}`,
    )
  }
  return {
    name: 'helm',
    version,
    helm: version.startsWith('v4') ? 4 : 3,
    traces: false,
    open: (archive) =>
      openWithHelm({ binary, outputBytes, skipSchema: options.skipSchema ?? false, memory: options.memory }, archive),
  }
}

interface HelmSettings {
  readonly binary: string
  readonly outputBytes: number
  readonly skipSchema: boolean
  readonly memory: number | undefined
}

async function openWithHelm(settings: HelmSettings, archive: ChartArchive): Promise<Rendering> {
  const { binary, outputBytes, skipSchema, memory } = settings
  const home = await mkdtemp(join(tmpdir(), 'chartferry-helm-'))
  const chart = join(home, 'chart.tgz')
  await writeFile(chart, archive.bytes)
  let renderings = 0
  return {
    async render(values, options = {}) {
      const folder = join(home, `values-${renderings++}`)
      const args = ['template', ...(await templateArguments(chart, folder, values, options))]
      if (skipSchema || options.skipSchema === true) args.push('--skip-schema-validation')
      const { signal, timeoutMs = renderTimeoutMs } = options
      const run = await runHelm(binary, args, { home, outputBytes, memory, signal, timeoutMs })
      if (run.code !== 0) throw renderFailure(archive, run)
      return splitHelmOutput(run.stdout) satisfies RenderResult
    },
    async lint(options = {}) {
      const run = await runHelm(binary, ['lint', chart], {
        home,
        outputBytes,
        memory,
        signal: options.signal,
        timeoutMs: renderTimeoutMs,
      })
      return lintResult(run)
    },
    close: () => rm(home, { recursive: true, force: true }),
  }
}

async function templateArguments(
  chart: string,
  folder: string,
  values: RenderValues,
  options: RenderOptions,
): Promise<readonly string[]> {
  const { name, namespace } = options.release ?? { name: 'release-name', namespace: 'default' }
  const args = [name, chart, '--namespace', namespace, '--include-crds']
  for (const [index, file] of (values.files ?? []).entries()) {
    const path = `${folder}-${index}.yaml`
    await writeFile(path, file.text)
    args.push('--values', path)
  }
  for (const assignment of values.setJson ?? []) args.push('--set-json', assignment)
  for (const assignment of values.setLiteral ?? []) args.push('--set-literal', assignment)
  for (const assignment of values.set ?? []) args.push('--set', assignment)
  for (const assignment of values.setString ?? []) args.push('--set-string', assignment)
  for (const [index, { key, text }] of (values.setFile ?? []).entries()) {
    const path = `${folder}-set-${index}`
    await writeFile(path, text)
    args.push('--set-file', `${key}=${path}`)
  }
  if (options.kubeVersion !== undefined) args.push('--kube-version', options.kubeVersion)
  for (const version of options.apiVersions ?? []) args.push('--api-versions', version)
  return args
}

function renderFailure(archive: ChartArchive, run: HelmRun): ChartferryError {
  const words = run.stderr
    .split('\n')
    .filter(
      (line) =>
        line.trim() !== '' && !/^(level=|time=|WARNING:|walk\.go|coalesce\.go|warning:|Use --debug)/i.test(line),
    )
    .join('\n')
    .replace(/^Error: /, '')
  return new ChartferryError(
    'RENDER_FAILED',
    `${archive.fileName} does not render: ${words || `helm exited with ${run.code}`}`,
  )
}

function lintResult(run: HelmRun): LintResult {
  const messages = `${run.stdout}\n${run.stderr}`
    .split('\n')
    .filter((line) => /^\[(ERROR|WARNING)\]|^Error:/.test(line))
  return { ok: run.code === 0, messages }
}
