// Writes entries as a `.tgz`, the same bytes every time.
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { pack } from 'tar-stream'
import type { ArchiveEntry } from './entry.ts'

const compress = promisify(gzip)

/** The type bits of a regular file: they keep tar-stream from replacing a mode of 0, and are not written. */
const regularFile = 0o100000
/** The largest time that tar-stream writes. */
const lastSecond = 0x7fffffff

/**
 * The bytes of a gzip-compressed tar with just these entries, in this order, with their modes and times, owned by
 * nobody; names that a ustar header cannot hold are written as pax records. The same entries give the same bytes,
 * with one version of zlib: the gzip header has no time, no name and no operating system.
 */
export async function writeArchive(entries: readonly ArchiveEntry[]): Promise<Uint8Array> {
  const tar = pack()
  for (const entry of entries) {
    const directory = entry.type === 'directory'
    const header = {
      name: entry.rawPath ?? (directory ? `${entry.path}/` : entry.path),
      type: entry.type,
      mode: entry.mode | regularFile,
      mtime: new Date(Math.min(entry.mtime, lastSecond) * 1000),
      uid: 0,
      gid: 0,
    }
    if (directory) tar.entry(header)
    else tar.entry(header, Buffer.from(entry.data.buffer, entry.data.byteOffset, entry.data.byteLength))
  }
  tar.finalize()
  const bytes = await compress(await buffer(tar), { level: 9 })
  // zlib writes here which system it was built for (RFC 1952, section 2.3: 255 is unknown).
  bytes[9] = 255
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
