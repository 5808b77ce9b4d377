import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ArchiveEntry } from '../../../src/helm/archive/entry.ts'
import { readArchive } from '../../../src/helm/archive/read.ts'
import { writeArchive } from '../../../src/helm/archive/write.ts'

const file = (path: string, data: string): ArchiveEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  mtime: 1_700_000_000,
  data: new Uint8Array(Buffer.from(data)),
})

const entryOf = fc.record({
  path: fc
    .array(fc.stringMatching(/^[a-zé世_-]{1,60}$/), { minLength: 2, maxLength: 5 })
    .map((parts) => parts.join('/')),
  directory: fc.boolean(),
  mode: fc.integer({ min: 0, max: 0o7777 }),
  mtime: fc.integer({ min: 0, max: 0x7fffffff }),
  data: fc.uint8Array({ maxLength: 1100 }),
})

describe('writeArchive', () => {
  it('writes what readArchive reads, in order, and twice the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entryOf, { maxLength: 8 }), async (list) => {
        const entries = list.map(
          ({ directory, path, mode, mtime, data }): ArchiveEntry => ({
            path,
            type: directory ? 'directory' : 'file',
            mode,
            mtime,
            data: directory ? new Uint8Array() : data,
          }),
        )
        const bytes = await writeArchive(entries)
        expect(await readArchive(bytes)).toEqual(entries)
        expect(Buffer.compare(bytes, await writeArchive(entries))).toBe(0)
      }),
      { numRuns: 40 },
    )
  })

  it('puts neither time nor name nor system into the gzip header', async () => {
    const bytes = await writeArchive([file('web/a', 'x')])
    expect([...bytes.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255])
  })

  it('names no user and no group', async () => {
    const header = gunzipSync(await writeArchive([file('web/a', 'x')])).subarray(0, 512)
    expect(header.toString('latin1', 108, 124)).toBe('000000 \x00000000 \x00')
    expect(header.subarray(265, 329).every((byte) => byte === 0)).toBe(true)
  })

  it('writes a name as it was spelled', async () => {
    const entry = { ...file('web/a.yaml', 'x'), rawPath: 'web\\a.yaml' }
    expect(await readArchive(await writeArchive([entry]))).toEqual([entry])
  })

  it('writes a time beyond 2038 as the last that fits', async () => {
    const [entry] = await readArchive(await writeArchive([{ ...file('web/a', ''), mtime: 2 ** 33 }]))
    expect(entry?.mtime).toBe(0x7fffffff)
  })
})
