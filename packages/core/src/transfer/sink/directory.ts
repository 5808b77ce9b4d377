// Writes charts into a folder as archives.
import { access, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { formatArchiveName } from '../../helm/chart/archive-name.ts'
import { replaceFile } from '../../storage/replace-file.ts'
import type { ChartSink } from './chart-sink.ts'

/** A folder, made when it is first written to. An archive of the same name is replaced in one step. */
export function directorySink(folder: string): ChartSink {
  return {
    async has(id) {
      return access(join(folder, formatArchiveName(id))).then(
        () => true,
        () => false,
      )
    },
    async put({ fileName, bytes, provenance }) {
      const path = join(folder, fileName)
      // Provenance that holds for other bytes must not outlive them: it goes first.
      await rm(`${path}.prov`, { force: true })
      await replaceFile(path, bytes)
      if (provenance !== undefined) await replaceFile(`${path}.prov`, provenance)
      return path
    },
    close: async () => {},
  }
}
