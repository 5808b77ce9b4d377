// The flags by which commands open a bundle.
import { parsePublicKey } from '@chartferry/core/oci'
import { type Bundle, findParts, openBundle, verifyBundleSignature } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { readText } from './read-text.ts'

/** What these flags give. */
export interface BundleOptions {
  readonly base?: string
  readonly bundleKey?: string
}

/** Adds the flags to a command. */
export function addBundleOptions(command: Command): Command {
  return command
    .optionsGroup('Which bundle:')
    .option('--base <file>', 'the bundle that this one was made on top of')
    .option('--bundle-key <file>', 'public key (PEM); do nothing unless its private key signed the bundle')
}

/**
 * Opens a bundle, or its parts, runs work on it, and closes it. Throws FILE_NOT_FOUND, BUNDLE_INVALID,
 * BUNDLE_UNSUPPORTED, BUNDLE_PART_MISSING, BUNDLE_BASE_MISMATCH, SIGNATURE_INVALID, what the work throws.
 */
export async function withBundle<Result>(
  file: string,
  options: BundleOptions,
  work: (bundle: Bundle) => Promise<Result>,
): Promise<Result> {
  const { base, bundleKey } = options
  const key = bundleKey === undefined ? undefined : parsePublicKey(await readText(bundleKey, 'public key'), bundleKey)
  const below = base === undefined ? undefined : await openBundle(await findParts(base))
  try {
    const bundle = await openBundle(await findParts(file), { base: below })
    try {
      if (key !== undefined) verifyBundleSignature(bundle, key)
      return await work(bundle)
    } finally {
      await bundle.close()
    }
  } finally {
    await below?.close()
  }
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
}

/** Bytes as people write them: `700M`, `4GiB`, `25000`; undefined where the text is no such number. */
export function parseBytes(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?$/i.exec(text) ?? []
  const factor = units[unit.toLowerCase()]
  return digits === undefined || factor === undefined ? undefined : Math.floor(Number(digits) * factor)
}
