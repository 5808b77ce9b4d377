// registries.yaml of k3s and rke2, which their embedded containerd is configured from.
import { dump } from 'js-yaml'
import { ChartferryError } from '../../errors.ts'
import { parseYaml } from '../../helm/yaml/parse.ts'
import { type MirrorOptions, type MirrorTable, schemeOf } from './mirrors.ts'
import type { RepositoryMove } from './repository-moves.ts'

interface MirrorEntry {
  readonly endpoint: readonly string[]
  readonly rewrite?: Readonly<Record<string, string>>
}

export interface RegistriesYaml {
  readonly text: string
  /** Repositories that no rewrite can lead to their place. */
  readonly others: readonly RepositoryMove[]
}

/**
 * The text of the file. Paths are added by `rewrite`, not in the endpoint, which would be pinged at that path; no two
 * rewrites of a registry match one name, since any of them might be taken then.
 */
export function registriesYaml(
  { mirrors, others }: MirrorTable,
  moves: readonly RepositoryMove[],
  options: MirrorOptions,
): RegistriesYaml {
  const left: RepositoryMove[] = []
  const entries: Record<string, MirrorEntry> = {}
  const registries = [...new Set([...mirrors.map(({ registry }) => registry), ...others.map(({ from }) => from.host)])]
  for (const registry of registries.sort()) {
    const mirror = mirrors.find((known) => known.registry === registry)?.mirror
    const single = others.filter(({ from }) => from.host === registry)
    const host = mirror?.host ?? single[0]?.to.host ?? ''
    // Rewrites hold for all endpoints of a registry: there can be one.
    left.push(...single.filter(({ to }) => to.host !== host))
    const ofHost = moves.filter(({ from, to }) => from.host === registry && to.host === host)
    const rewrite =
      single.length > 0
        ? Object.fromEntries(ofHost.map(({ from, to }) => [`^${escapeExpression(from.path)}$`, to.path]))
        : mirror === undefined || mirror.prefix === ''
          ? undefined
          : { '^(.*)$': `${mirror.prefix}/$1` }
    entries[registry] = {
      endpoint: [`${schemeOf(options)}${host}`],
      ...(rewrite === undefined ? {} : { rewrite }),
    }
  }
  const hosts = new Set(Object.values(entries).flatMap(({ endpoint }) => endpoint.map((url) => new URL(url).host)))
  const configs =
    options.caFile === undefined
      ? {}
      : { configs: Object.fromEntries([...hosts].map((host) => [host, { tls: { ca_file: options.caFile } }])) }
  return { text: dump({ mirrors: entries, ...configs }, { lineWidth: -1, noRefs: true }), others: left }
}

/** Go’s expressions (RE2): what has a meaning in them is escaped. */
export function escapeExpression(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** k3s and rke2 say it in their own configuration, not in registries.yaml. */
export const mirrorOnlyConfig = 'disable-default-registry-endpoint: true\n'

/**
 * An existing file with our mirrors: a registry of both gets our entry, everything else stays. A file without mirrors
 * keeps every byte; of another one remarks are lost. Throws YAML_INVALID for what is no map.
 */
export function mergeRegistriesYaml(existing: string, ours: string, where: string): string {
  const theirs = parseYaml(existing, { where }) ?? {}
  const added = parseYaml(ours)
  if (!isMap(theirs) || !isMap(added)) throw new ChartferryError('YAML_INVALID', `${where}: it is no map`)
  if (Object.keys(added).every((key) => !(key in theirs))) {
    const text = existing.trimEnd()
    return text === '' ? ours : `${text}\n${ours}`
  }
  const merged: Record<string, unknown> = { ...theirs }
  for (const [key, value] of Object.entries(added))
    merged[key] = isMap(theirs[key]) && isMap(value) ? { ...theirs[key], ...value } : value
  return dump(merged, { lineWidth: -1, noRefs: true })
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
