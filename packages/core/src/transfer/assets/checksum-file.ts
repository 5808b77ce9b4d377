// Checksum files, as `sha256sum` writes them and as projects put them beside what they publish.
import { type Digest, digestHex, isDigest } from '../../digest.ts'

/**
 * Takes the text of a checksum file and the name of the file it is for. A text may be 64 digits alone, or lines of
 * digits, blanks and a name (`*` before the name for binary, folders before it); of several lines the one that names
 * the file counts. Undefined where nothing is said of the file.
 */
export function parseChecksum(text: string, fileName: string): Digest | undefined {
  const lines = text.split(/\r?\n/).flatMap((line) => {
    const [, hex = '', name] = /^\s*([0-9a-fA-F]{64})(?:\s+\*?(\S.*?))?\s*$/.exec(line) ?? []
    const digest = `sha256:${hex.toLowerCase()}`
    return isDigest(digest) ? [{ digest, name: name?.slice(name.lastIndexOf('/') + 1) }] : []
  })
  const named = lines.find(({ name }) => name === fileName)
  if (named !== undefined) return named.digest
  // One line is meant for the file beside it, whatever the file was called when it was made.
  return lines.length === 1 ? lines[0]?.digest : undefined
}

/** The text of a checksum file that `sha256sum -c` takes. */
export function formatChecksum(digest: Digest, fileName: string): string {
  return `${digestHex(digest)}  ${fileName}\n`
}
