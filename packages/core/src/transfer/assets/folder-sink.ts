// Files into a folder.
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOfPieces } from '../../digest.ts'
import { ChartferryError, messageOf } from '../../errors.ts'
import { replaceFile } from '../../storage/replace-file.ts'
import { formatChecksum, parseChecksum } from './checksum-file.ts'
import { checksumSuffix, type FileSink } from './file-sink.ts'

/** Opens a folder, which is made when it is missing. A file that is there is read and compared. */
export function folderSink(folder: string): FileSink {
  const pathOf = (key: string): string => join(folder, ...key.split('/'))
  return {
    name: folder,
    async has(key, digest) {
      const path = pathOf(key)
      const [text, actual] = await Promise.all([
        absentAsUndefined(path + checksumSuffix, readFile(path + checksumSuffix, 'utf8')),
        absentAsUndefined(path, digestOfPieces(createReadStream(path))),
      ])
      return actual === digest && parseChecksum(text ?? '', lastOf(key)) === digest
    },
    async put(key, body, digest) {
      await replaceFile(pathOf(key), body, { digest })
      await replaceFile(pathOf(key) + checksumSuffix, Buffer.from(formatChecksum(digest, lastOf(key))))
    },
    close: async () => {},
  }
}

const lastOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1)

async function absentAsUndefined<Value>(path: string, reading: Promise<Value>): Promise<Value | undefined> {
  try {
    return await reading
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new ChartferryError('STORE_UNAVAILABLE', `${path}: ${messageOf(cause)}`, { cause })
  }
}
