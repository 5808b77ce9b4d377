// Whether an image is the one that a person asks about.
import { canonicalReference, tryParseReference } from '@chartferry/core/oci'

/** Whether a reference is the one asked for, which may be in its short form, the last part of its name, and without tag and digest. */
export function isSameImage(text: string, wanted: string): boolean {
  if (wanted === lastPart(text) || (!wanted.includes('/') && text.endsWith(`/${wanted}`))) return true
  const [found, asked] = [tryParseReference(text), tryParseReference(wanted)].map(
    (reference) => reference && canonicalReference(reference),
  )
  if (found === undefined || asked === undefined) return text === wanted
  const isSame = (part: 'host' | 'path' | 'tag' | 'digest'): boolean =>
    asked[part] === undefined || asked[part] === found[part]
  return isSame('host') && isSame('path') && isSame('tag') && isSame('digest')
}

/** `quay.io/acme/web:1.0` by `web`. */
export const lastPart = (reference: string): string => /([^/:@]*)(?::[^/]*)?(?:@.*)?$/.exec(reference)?.[1] ?? reference
