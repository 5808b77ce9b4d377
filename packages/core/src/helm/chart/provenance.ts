// A provenance file: Chart.yaml and the digests of the archive, clear-signed (RFC 9580, section 7). Signatures are
// not judged here.
import { type Digest, parseIndexDigest } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import { parseYaml } from '../yaml/parse.ts'
import { fieldsOf, isMapping } from './fields.ts'
import { type ChartMetadata, parseChartMetadata } from './metadata.ts'

/** What a provenance file says. */
export interface Provenance {
  readonly metadata: ChartMetadata
  /** The digest of each file signed for, by file name. */
  readonly files: ReadonlyMap<string, Digest>
}

/**
 * The text between the armor headers and the signature, dash escapes undone; undefined where that is not what the
 * text is.
 */
function signedText(text: string): string | undefined {
  const begin = text.indexOf('-----BEGIN PGP SIGNED MESSAGE-----\n')
  const start = text.indexOf('\n\n', begin) + 2
  const end = text.indexOf('\n-----BEGIN PGP SIGNATURE-----\n', start)
  if (begin < 0 || start < 2 || end < 0 || !text.includes('\n-----END PGP SIGNATURE-----', end)) return undefined
  return text.slice(start, end).replace(/^- /gm, '')
}

/**
 * What a provenance file says, as Helm splits it: Chart.yaml, a line `...`, the digests. Throws PROVENANCE_INVALID
 * where it is no clear-signed message of that form or names a file with something else than a SHA-256 digest, and as
 * `parseChartMetadata` does.
 */
export function parseProvenance(
  data: Uint8Array,
  where: string,
  options: { readonly limits?: Limits } = {},
): Provenance {
  const { limits = defaultLimits } = options
  const invalid = (why: string): ChartferryError => new ChartferryError('PROVENANCE_INVALID', `${where}: ${why}`)
  if (data.length > limits.provenanceBytes) throw invalid(`larger than ${limits.provenanceBytes} bytes`)
  const text = new TextDecoder().decode(data).replaceAll('\r\n', '\n')
  const body = signedText(text)
  if (body === undefined) throw invalid('no clear-signed message')
  const [chartYaml = '', sums] = body.split('\n...\n')
  if (sums === undefined) throw invalid('the digests are missing')
  const value = parseYaml(sums, { where, limits })
  if (!isMapping(value)) throw invalid('the digests are no mapping')
  const files = new Map<string, Digest>()
  for (const [name, sum] of Object.entries(fieldsOf(value, where).textMap('files'))) {
    const digest = parseIndexDigest(sum)
    if (!digest) throw invalid(`${JSON.stringify(sum)} is no SHA-256 digest`)
    files.set(name, digest)
  }
  return { metadata: parseChartMetadata(chartYaml, where, { limits }), files }
}
