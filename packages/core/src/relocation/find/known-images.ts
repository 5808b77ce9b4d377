// What is known of a chart's images before its texts are read: their registries, their names, the leaves they come from.

import { placeKey } from '../../helm/chart/leaves.ts'
import { canonicalReference, type ImageReference, tryParseReference } from '../../reference/reference.ts'
import type { StandingUse } from './image-use.ts'
import type { ImageOccurrence } from './rendered/occurrence.ts'

/** What speaks for a text being an image. */
export interface KnownImages {
  readonly hosts: ReadonlySet<string>
  /** `host/path`, canonical. */
  readonly names: ReadonlySet<string>
  /** By `placeKey`. */
  readonly leaves: ReadonlySet<string>
}

export const nothingKnown: KnownImages = { hosts: new Set(), names: new Set(), leaves: new Set() }

const publicRegistry =
  /(?:^|\.)(?:docker\.io|quay\.io|gcr\.io|ghcr\.io|registry\.k8s\.io|pkg\.dev|mcr\.microsoft\.com|public\.ecr\.aws|nvcr\.io|icr\.io|azurecr\.io|lscr\.io|jfrog\.io|registry\.gitlab\.com|registry\.redhat\.io|registry\.connect\.redhat\.com|registry\.access\.redhat\.com|cgr\.dev|docker\.elastic\.co|xpkg\.upbound\.io|registry\.suse\.com|rancher\.io)$|^registry[-.]|^docker\.|\.dkr\.ecr\.|^cr\.|^images\.|^harbor\.|^nexus\.|^artifactory\.|^localhost(?::|$)/

/** Whether a host is a registry: one that everybody knows, one named like a registry, or one of the chart's images. */
export const isRegistryHost = (host: string, { hosts }: KnownImages): boolean =>
  hosts.has(host) || publicRegistry.test(host)

/** Whether it is an image that the chart is known to use, whatever its tag. */
export const isKnownName = (reference: ImageReference, { names }: KnownImages): boolean => names.has(nameOf(reference))

/** What is known already, and what some occurrences and uses show. */
export function learnImages(
  known: KnownImages,
  occurrences: readonly ImageOccurrence[],
  uses: readonly StandingUse[] = [],
): KnownImages {
  const references = [
    ...occurrences.map(({ reference }) => reference),
    ...uses.map(({ reference }) => reference),
  ].flatMap((text) => tryParseReference(text) ?? [])
  const spans = occurrences.flatMap((occurrence) => occurrence.spans)
  const written = uses.flatMap((use) => (use.kind === 'written' ? use.leaves : []))
  return {
    hosts: new Set([...known.hosts, ...references.flatMap(({ host }) => host ?? [])]),
    names: new Set([...known.names, ...references.map(nameOf)]),
    leaves: new Set([
      ...known.leaves,
      ...spans.flatMap(({ origin }) => (origin.kind === 'leaf' ? [placeKey(origin.file, origin.path)] : [])),
      ...written.filter(({ role }) => role !== 'tag').map(({ leaf }) => placeKey(leaf.file, leaf.path)),
    ]),
  }
}

function nameOf(reference: ImageReference): string {
  const { host, path } = canonicalReference(reference)
  return `${host}/${path}`
}
