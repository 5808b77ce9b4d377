// One layer of an image: files become a compressed tar, the same bytes for the same files, written as it is read.
import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Transform, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Digest } from '@chartferry/core'
import type { Descriptor } from '@chartferry/core/oci'
import { type Pack, pack } from 'tar-stream'

/** What stands at a path of the image: a file of this machine, a text, or a folder. */
export type LayerEntry =
  | { readonly path: string; readonly from: string; readonly mode?: number }
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly folder: true; readonly mode?: number; readonly owner?: number }

export interface Layer {
  readonly descriptor: Descriptor
  /** Digest of the tar itself, as the configuration of an image names it. */
  readonly diffId: Digest
  /** Where its bytes are. */
  readonly file: string
}

/** Writes the layer to a file. Times and owners are those of nobody. */
export async function writeLayer(entries: readonly LayerEntry[], file: string): Promise<Layer> {
  const [plain, compressed] = [createHash('sha256'), createHash('sha256')]
  const tar = pack()
  const written = pipeline(
    tar,
    hashing(plain),
    createGzip({ level: 6 }),
    withUnknownSystem(),
    hashing(compressed),
    createWriteStream(file),
  )
  try {
    for (const entry of entries) await addEntry(tar, entry)
    tar.finalize()
  } catch (thrown) {
    tar.destroy()
    await written.catch(() => {})
    throw thrown
  }
  await written
  const { size } = await stat(file)
  return {
    file,
    diffId: `sha256:${plain.digest('hex')}`,
    descriptor: {
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest: `sha256:${compressed.digest('hex')}`,
      size,
    },
  }
}

/** All files of a folder, by name, as entries below a path. Links are left out: a flat `node_modules` needs none. */
export async function filesOf(folder: string, below: string): Promise<LayerEntry[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((from) => ({ from, path: `${below}/${from.slice(folder.length + 1).replaceAll('\\', '/')}` }))
}

async function addEntry(tar: Pack, entry: LayerEntry): Promise<void> {
  const header = { name: entry.path, mtime: new Date(0), uid: 0, gid: 0 }
  if ('text' in entry) {
    tar.entry({ ...header, mode: 0o644 }, entry.text)
    return
  }
  if ('folder' in entry) {
    const { mode = 0o755, owner = 0 } = entry
    tar.entry({ ...header, name: `${entry.path}/`, type: 'directory', mode, uid: owner, gid: owner })
    return
  }
  const { size } = await stat(entry.from)
  const sink = tar.entry({ ...header, mode: entry.mode ?? 0o644, size })
  // The type of the library's stream is not Node's, the stream is.
  await pipeline(createReadStream(entry.from), sink as unknown as Writable)
}

function hashing(hash: Hash): PassThrough {
  const through = new PassThrough()
  through.on('data', (piece: Buffer) => hash.update(piece))
  return through
}

/** zlib writes into the tenth byte for which system it was built (RFC 1952, 2.3.1): 255 is unknown. */
function withUnknownSystem(): Transform {
  let at = 0
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      if (at <= 9 && at + piece.length > 9) piece[9 - at] = 255
      at += piece.length
      done(null, piece)
    },
  })
}
