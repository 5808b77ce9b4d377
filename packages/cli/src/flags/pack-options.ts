// What the flags say of how a bundle is packed.
import { ChartferryError } from '@chartferry/core'
import { type PackBundleOptions, parseSigningKey } from '@chartferry/core/transfer'
import { parseBytes } from './bundle-options.ts'
import { readText } from './read-text.ts'

/** What these flags give. */
export interface PackOptions {
  /** False with `--no-images`. */
  readonly images?: boolean
  readonly split?: string
  readonly signKey?: string
}

/** Reads the flags. Throws FILE_NOT_FOUND, USAGE, CONFIG_INVALID for a key that is none. */
export async function packOptions({
  images,
  split,
  signKey,
}: PackOptions): Promise<Pick<PackBundleOptions, 'withImages' | 'partBytes' | 'signingKey'>> {
  return {
    withImages: images !== false,
    partBytes: partSize(split),
    signingKey: signKey === undefined ? undefined : parseSigningKey(await readText(signKey, 'private key'), signKey),
  }
}

const leastPart = 4096

function partSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const bytes = parseBytes(text)
  if (bytes !== undefined && bytes >= leastPart) return bytes
  throw new ChartferryError(
    'USAGE',
    `--split ${text}: a size is wanted, such as 4GiB or 700M, of at least ${leastPart} bytes`,
  )
}
