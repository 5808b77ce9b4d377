// The images of a relocated chart at their target: copied there, looked for there, or pulled through this server.
import {
  type AppliedPlan,
  ChartferryError,
  isChartferryError,
  type Limits,
  type Plan,
  type Report,
  type Rule,
  readChartArchive,
} from '@chartferry/core'
import type { HttpClient } from '@chartferry/core/internal'
import {
  openRegistries,
  parsePlatform,
  parseReference,
  type Registries,
  type RegistrySetting,
} from '@chartferry/core/oci'
import { type ChartToCopy, copyForCharts } from '@chartferry/core/transfer'
import type { RelocationConfig } from '../config/relocation-config.ts'
import { canonicalHost } from '../registry/mirror-path.ts'
import type { RelocatedHead } from '../workers/relocated-answer.ts'

/** A chart that was relocated, and is not published yet. */
export interface Draft {
  readonly fileName: string
  readonly original: Uint8Array
  readonly archive: Uint8Array
  readonly head: RelocatedHead
}

export interface SettleOptions {
  readonly report: Report
  readonly signal: AbortSignal
  /** Applies a plan whose digests have changed, and proves it. */
  readonly applyAgain: (plan: Plan) => Promise<Draft>
}

/** Where relocated charts get their images from. */
export interface TargetImages {
  /**
   * Gives the chart as it is to be published, once its images can be had: with other digests where platforms were left
   * out. Throws IMAGES_MISSING, and what registries and copies throw.
   */
  settle(draft: Draft, options: SettleOptions): Promise<Draft>
  close(): Promise<void>
}

export interface TargetImagesOptions {
  readonly config: RelocationConfig
  readonly client: HttpClient
  readonly limits: Limits
  /** How the registries are reached that images come from. */
  readonly sources: readonly RegistrySetting[]
  /** The registries that are pulled through: the first part of a path, by host. */
  readonly pulled: ReadonlyMap<string, string>
}

/** Milliseconds that a registry may make a copy wait. */
const longestPause = 60_000

/** Asks no registry before there is a chart. */
export function targetImages(options: TargetImagesOptions): TargetImages {
  const { config, client, limits, sources, pulled } = options
  if (config.images === 'pull-through')
    return { settle: async (draft) => checkPulled(draft, config.to, pulled), close: async () => {} }
  const registries = openRegistries({
    client,
    settings: [config.registry, ...sources.filter(({ prefix }) => prefix !== config.registry.prefix)],
    limits,
    longestPause,
    patience: { retries: 2 },
  })
  const settle = config.images === 'copy' ? copyThere : checkThere
  return {
    settle: (draft, run) => settle(draft, { ...run, registries, config, limits }),
    close: () => registries.close(),
  }
}

interface ThereOptions extends SettleOptions {
  readonly registries: Registries
  readonly config: RelocationConfig
  readonly limits: Limits
}

async function copyThere(draft: Draft, options: ThereOptions): Promise<Draft> {
  const { registries, config, limits, report, signal, applyAgain } = options
  const { fileName, head } = draft
  const read = (bytes: Uint8Array): ReturnType<typeof readChartArchive> => readChartArchive(bytes, { fileName, limits })
  let again: Draft | undefined
  const chart: ChartToCopy = {
    original: await read(draft.original),
    relocation: { plan: head.plan, proof: head.proof, archive: await read(draft.archive) },
    applyAgain: async (plan): Promise<AppliedPlan> => {
      again = await applyAgain(plan)
      return { plan: again.head.plan, proof: again.head.proof, archive: await read(again.archive) }
    },
  }
  await copyForCharts([chart], {
    open: (repository) => registries.repository(repository),
    read: (repository) => registries.source(repository),
    name: config.to,
    platforms: (config.platforms ?? []).map(parsePlatform),
    report,
    signal,
  })
  return again ?? draft
}

/** Images that are asked for at once. */
const atOnce = 8

async function checkThere(draft: Draft, { registries, config, signal }: ThereOptions): Promise<Draft> {
  const names = needed(draft.head.plan)
  const missing: string[] = []
  const ask = async (name: string): Promise<void> => {
    const { host = '', path, tag = 'latest', digest } = parseReference(name)
    try {
      await registries.repository(`${host}/${path}`).resolve(digest ?? tag, { signal })
    } catch (thrown) {
      if (!isChartferryError(thrown, 'MANIFEST_NOT_FOUND', 'TARGET_MISSING')) throw thrown
      missing.push(name)
    }
  }
  for (let at = 0; at < names.length; at += atOnce) await Promise.all(names.slice(at, at + atOnce).map(ask))
  if (missing.length > 0) throw imagesMissing(missing, `are not at ${config.to}`)
  return draft
}

/** What no registry of this configuration gives cannot be pulled through it. */
function checkPulled(draft: Draft, to: string, pulled: ReadonlyMap<string, string>): Draft {
  const names = new Set(pulled.values())
  const missing = needed(draft.head.plan).filter((name) => {
    const { host = '', path } = parseReference(name)
    return host === to && !names.has(path.split('/')[0] ?? '')
  })
  if (missing.length === 0) return draft
  throw imagesMissing(missing, 'come from registries that are not pulled through', {
    hint: 'Name their registries below `images.registries` of the configuration.',
  })
}

/** The images that move and that a rendering printed: what is written only may be missing. */
function needed({ images }: Plan): readonly string[] {
  return images.flatMap(({ from, to, rendered }) => (rendered && from !== to ? [to] : []))
}

function imagesMissing(
  missing: readonly string[],
  why: string,
  options: { readonly hint?: string } = {},
): ChartferryError {
  const list = missing.toSorted()
  const message = `${list.length} images ${why}:\n${list.map((name) => `  ${name}`).join('\n')}`
  return new ChartferryError('IMAGES_MISSING', message, { ...options, details: { reasons: list } })
}

/** The rules by which images get the names of registries that are pulled through under another name than their host. */
export function pulledRules(to: string, pulled: ReadonlyMap<string, string>): readonly Rule[] {
  return [...pulled].flatMap(([host, prefix]) =>
    canonicalHost(host) === prefix
      ? []
      : [{ match: `${host}/**`, action: { kind: 'to', target: { host: to, prefix }, mode: 'path' } }],
  )
}
