// Leaving platforms out: an index with fewer entries is another index, with another digest.
import { digestOf } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import { type Descriptor, isRecord, mediaTypes, type Platform } from './descriptor.ts'
import type { Manifest } from './manifest.ts'

/** What an index without platforms says it was made from. */
export const originalDigestKey = 'io.chartferry.original-digest'

/** Reads `os/architecture[/variant]`. Throws USAGE. */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, rest] = text.split('/')
  if (!os || !architecture || variant === '' || rest !== undefined) {
    throw new ChartferryError('USAGE', `platform ${JSON.stringify(text)}: not of the form os/architecture[/variant]`, {
      hint: 'For example linux/amd64 or linux/arm/v7.',
    })
  }
  return { os, architecture, ...(variant === undefined ? {} : { variant }) }
}

/** `os/architecture/variant`. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return `${os}/${architecture}${variant === undefined ? '' : `/${variant}`}`
}

/**
 * The index with the entries of these platforms, and the attestations of those, alone; undefined where that leaves all
 * of them. Throws MANIFEST_NOT_FOUND where it leaves none.
 */
export function keepPlatforms(
  where: string,
  original: Descriptor,
  bytes: Uint8Array,
  manifest: Manifest,
  platforms: readonly Platform[],
): { readonly descriptor: Descriptor; readonly bytes: Uint8Array; readonly kept: readonly Descriptor[] } | undefined {
  const named = new Set(
    manifest.manifests.filter((entry) => isWanted(entry, platforms)).map(({ digest }) => digest as string),
  )
  if (named.size === 0) {
    const known = manifest.manifests.flatMap(({ platform }) =>
      platform && platform.os !== 'unknown' ? [formatPlatform(platform)] : [],
    )
    throw new ChartferryError(
      'MANIFEST_NOT_FOUND',
      `${where}: none of ${platforms.map(formatPlatform).join(', ')}; there are ${known.join(', ') || 'no platforms'}`,
    )
  }
  const isKept = (entry: Descriptor): boolean =>
    named.has(entry.digest) || named.has(entry.annotations?.['vnd.docker.reference.digest'] ?? '')
  const kept = manifest.manifests.filter(isKept)
  if (kept.length === manifest.manifests.length) return undefined
  const document: unknown = JSON.parse(new TextDecoder().decode(bytes))
  if (!isRecord(document) || !Array.isArray(document.manifests)) return undefined
  const keptDigests = new Set<unknown>(kept.map(({ digest }) => digest))
  const annotations = {
    ...(isRecord(document.annotations) ? document.annotations : {}),
    [originalDigestKey]: original.digest,
  }
  const rebuilt = new TextEncoder().encode(
    JSON.stringify({
      ...document,
      manifests: document.manifests.filter((entry) => isRecord(entry) && keptDigests.has(entry.digest)),
      // Docker's manifest list knows no annotations.
      ...(manifest.mediaType === mediaTypes.index ? { annotations } : {}),
    }),
  )
  return {
    descriptor: { mediaType: manifest.mediaType, digest: digestOf(rebuilt), size: rebuilt.length },
    bytes: rebuilt,
    kept,
  }
}

/** An index inside the index says nothing of its platforms: it stays. */
function isWanted({ platform, annotations }: Descriptor, platforms: readonly Platform[]): boolean {
  if (annotations?.['vnd.docker.reference.digest'] !== undefined) return false
  if (platform === undefined) return true
  return platforms.some(
    ({ os, architecture, variant }) =>
      platform.os === os &&
      platform.architecture === architecture &&
      (variant === undefined || platform.variant === variant),
  )
}
