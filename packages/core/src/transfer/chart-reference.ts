// `oci://HOST/PATH/NAME:TAG@DIGEST`: which chart of a registry is meant, and that no other one is taken for it.

import { type Digest, isDigest } from '../digest.ts'
import { ChartferryError } from '../errors.ts'
import type { ContentOptions, ContentSource } from '../oci/content/content.ts'
import { parseReference } from '../reference/reference.ts'

const scheme = 'oci://'

/** One of a repository's manifests: by its tag, by its digest, or by both. */
export interface ChartPin {
  /** As registries have it: with `_` in place of `+`. */
  readonly tag?: string
  readonly digest?: Digest
}

/** A chart of a registry; without tag and digest a version of it has to be chosen. */
export interface ChartReference extends ChartPin {
  /** `HOST/PATH/NAME`, the repository of the chart. */
  readonly name: string
}

/**
 * Takes the text with its `oci://`. The first component is the host, as helm has it. Throws REFERENCE_INVALID, also for
 * a host that would be read as a path of Docker Hub, and for a digest that is no sha256.
 */
export function parseChartReference(text: string): ChartReference {
  const invalid = (what: string, hint?: string): ChartferryError =>
    new ChartferryError('REFERENCE_INVALID', `${text}: ${what}`, hint === undefined ? {} : { hint })
  // `+` is no character of a tag, but people write versions there.
  const { host, path, tag, digest } = parseReference(text.slice(scheme.length).replaceAll('+', '_'))
  if (host === undefined) {
    const [first = ''] = path.split('/')
    const rest = text.slice(scheme.length + first.length)
    throw invalid(
      `${first} does not say that it is the host of a registry`,
      rest === '' ? 'Write oci://HOST/PATH/NAME.' : `Write its port: oci://${first}:443${rest}`,
    )
  }
  if (digest !== undefined && !isDigest(digest)) throw invalid(`a digest is sha256: and 64 lower-case digits`)
  return { name: `${host}/${path}`, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) }
}

/**
 * What to ask the repository for: the digest where there is one, else the tag. Where both are given the tag must stand
 * for the digest now. Throws DIGEST_MISMATCH where it stands for another, MANIFEST_NOT_FOUND where it stands for none.
 */
export async function settlePin(
  source: ContentSource,
  { tag, digest }: ChartPin,
  { signal }: ContentOptions = {},
): Promise<string> {
  if (digest === undefined) {
    if (tag === undefined) throw new ChartferryError('INTERNAL', `${source.name}: neither a tag nor a digest`)
    return tag
  }
  if (tag === undefined) return digest
  const actual = (await source.resolve(tag, { signal })).digest
  if (actual === digest) return digest
  throw new ChartferryError(
    'DIGEST_MISMATCH',
    `${source.name}:${tag}@${digest}: the tag and the digest contradict each other: ${tag} stands for ${actual}`,
    {
      details: { expected: digest, actual },
      hint: `Write oci://${source.name}@${digest} for that chart, whatever ${tag} stands for; oci://${source.name}:${tag} for what the tag stands for now.`,
    },
  )
}
