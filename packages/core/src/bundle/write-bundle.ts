// Writes a bundle: the layout as one tar, whole or not at all.
import { pack } from 'tar-stream'
import { replaceFile } from '../storage/replace-file.ts'
import { type BundledChart, layoutOf } from './layout.ts'

/** Writes charts and plans to one file; the same charts give the same bytes. Throws STORE_UNAVAILABLE. */
export async function writeBundle(path: string, charts: readonly BundledChart[]): Promise<void> {
  const tar = pack()
  for (const { path: name, data } of layoutOf(charts)) {
    tar.entry({ name, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 }, Buffer.from(data))
  }
  tar.finalize()
  await replaceFile(path, tar as AsyncIterable<Uint8Array>)
}
