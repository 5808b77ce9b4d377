// The formats of `emit` that are made of one chart: a values file, Argo CD's form of it, dt's Images.lock.
import { type ChartArchive, ChartferryError, listImages, type Plan, parsePlan, planRelocation } from '@chartferry/core'
import { readContent, readManifest } from '@chartferry/core/internal'
import {
  type ContentRepository,
  canonicalReference,
  type Descriptor,
  formatReference,
  type Platform,
  parseReference,
} from '@chartferry/core/oci'
import {
  argoHelmValues,
  type Emission,
  formatOverrideValues,
  imagesLock,
  type OverrideValues,
  overrideValues,
  type PlatformDigest,
} from '@chartferry/core/transfer'
import { readRenderValues, renderOptions } from '../flags/chart-options.ts'
import { readChart } from '../flags/chart-source.ts'
import { emittedImages } from '../flags/emitted-images.ts'
import { withPlanOptions } from '../flags/plan-options.ts'
import { readText } from '../flags/read-text.ts'
import { openCommandRegistries } from '../flags/registry-options.ts'
import type { ChartFormat, EmitOptions } from './emit-options.ts'

/** Makes the files. Throws USAGE for anything but one chart, as `planRelocation` and registries do. */
export async function emitForChart(
  format: ChartFormat,
  [argument, ...more]: readonly string[],
  options: EmitOptions,
  signal: AbortSignal,
): Promise<Emission> {
  if (argument === undefined || more.length > 0)
    throw new ChartferryError('USAGE', `${format} is made of one chart`, {
      hint: 'Name one, and call it once for each.',
    })
  const archive = await readChart(argument, options, signal)
  if (format === 'images-lock') return lockOf(archive, argument, options, signal)
  const plan = await planOf(archive, options, signal)
  const { values: moved, notExpressed } = overrideValues(archive.chart, plan)
  let values = moved
  let { left, refusal } = await lookWith(archive, plan, values, options, signal)
  if (refusal !== undefined && hasGuard(archive)) {
    // Its images are not those that the chart vouches for any more; this is the chart's own word for that.
    values = withGuardLifted(values)
    ;({ left, refusal } = await lookWith(archive, plan, values, options, signal))
  }
  // What does not render without these values either is not their fault.
  const isOurs = refusal !== undefined && (await lookWith(archive, plan, {}, options, signal)).refusal === undefined
  const refused = isOurs ? [`with these values it does not render: ${refusal}`] : []
  const text = formatOverrideValues(values)
  const name = options.name ?? archive.chart.metadata.name
  return {
    files: [
      format === 'values'
        ? { path: `${archive.chart.metadata.name}-values.yaml`, text }
        : { path: 'application-patch.yaml', text: argoHelmValues(name, values) },
    ],
    notExpressed: [
      ...notExpressed,
      ...plan.unresolved.map(({ image, reason }) => `${image}: ${reason}`),
      ...left,
      ...refused,
    ],
  }
}

async function planOf(archive: ChartArchive, options: EmitOptions, signal: AbortSignal): Promise<Plan> {
  if (options.plan !== undefined) return parsePlan(await readText(options.plan, 'plan'), options.plan)
  if (options.to === undefined)
    throw new ChartferryError('USAGE', 'the registry that the images move to is missing', {
      hint: 'Give it with --to, or a saved plan with --plan.',
    })
  const values = await readRenderValues(options)
  // What a template alone can move is named, since no values file says it.
  const { plan } = await withPlanOptions({ ...options, templateEdits: false }, { signal }, (given) =>
    planRelocation(archive, { ...given, values, context: renderOptions(options, signal) }),
  )
  return plan
}

/** Whether the chart refuses images that it does not know, with a value that says they are meant (Bitnami's charts). */
function hasGuard({ chart }: ChartArchive): boolean {
  const bytes = chart.files.get('values.yaml')
  return bytes !== undefined && /^\s+allowInsecureImages:/m.test(new TextDecoder().decode(bytes))
}

function withGuardLifted(values: OverrideValues['values']): OverrideValues['values'] {
  const { global } = values
  const before = typeof global === 'object' && global !== null ? global : {}
  const security = Reflect.get(before, 'security')
  return {
    ...values,
    global: { ...before, security: { ...(typeof security === 'object' ? security : {}), allowInsecureImages: true } },
  }
}

/** Rendered with the values in place: images that are still where they were, one sentence each; and why it does not render. */
async function lookWith(
  archive: ChartArchive,
  { images }: Plan,
  values: OverrideValues['values'],
  options: EmitOptions,
  signal: AbortSignal,
): Promise<{ readonly left: readonly string[]; readonly refusal: string | undefined }> {
  const given = await readRenderValues(options)
  const text = formatOverrideValues(values)
  const { images: found, failed } = await listImages(archive, {
    values: { ...given, files: [...(given.files ?? []), { name: 'override values', text }] },
    context: renderOptions(options, signal),
  })
  const canonical = (image: string): string => formatReference(canonicalReference(parseReference(image)))
  const settled = new Set(images.map(({ to }) => canonical(to)))
  const moving = new Set(
    images.filter(({ from, to }) => canonical(from) !== canonical(to)).map(({ from }) => canonical(from)),
  )
  const left = found
    .filter(({ reference, rendered }) => {
      const name = canonical(reference)
      return rendered.length > 0 && moving.has(name) && !settled.has(name)
    })
    .map(
      ({ reference, rendered: [first] }) => `${reference}: ${first?.resource ?? ''} still names it, with these values`,
    )
  return { left, refusal: failed.find(({ scenario }) => scenario === 'default')?.reason }
}

async function lockOf(
  archive: ChartArchive,
  argument: string,
  options: EmitOptions,
  signal: AbortSignal,
): Promise<Emission> {
  const images = await emittedImages([argument], options, signal)
  const { username: _user, password: _password, ...rest } = options
  const registries = await openCommandRegistries(rest)
  const digests = new Map<string, readonly PlatformDigest[]>()
  try {
    for (const { from } of images) {
      const { host, path, tag = 'latest', digest } = canonicalReference(parseReference(from))
      const source = registries.repository(`${host}/${path}`)
      const descriptor = await source.resolve(digest ?? tag, { signal })
      digests.set(from, await platformsOf(source, descriptor, signal))
    }
  } finally {
    await registries.close()
  }
  const { name, version, appVersion } = archive.chart.metadata
  const chart = { name, version, ...(appVersion === '' ? {} : { appVersion }) }
  const files = imagesLock(chart, images, digests, new Date().toISOString())
  return { files, notExpressed: [] }
}

/** Each manifest of an index by its platform, attestations left out; of a single image its config says the platform. */
async function platformsOf(
  source: ContentRepository,
  descriptor: Descriptor,
  signal: AbortSignal,
): Promise<readonly PlatformDigest[]> {
  const { manifest } = await readManifest(source, descriptor, { signal })
  if (manifest.config !== undefined) {
    const config = await readContent(source, manifest.config, { signal, maxBytes: 4 * 2 ** 20 })
    const { os = 'linux', architecture = 'amd64' } = JSON.parse(new TextDecoder().decode(config)) as Partial<Platform>
    return [{ arch: `${os}/${architecture}`, digest: descriptor.digest }]
  }
  return manifest.manifests.flatMap(({ platform, digest }) =>
    platform === undefined || platform.os === 'unknown'
      ? []
      : [{ arch: `${platform.os}/${platform.architecture}`, digest }],
  )
}
