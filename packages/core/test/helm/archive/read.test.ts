import { once } from 'node:events'
import { createGzip, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { buildArchive, buildTar, tarHeader } from '../../../../../test/kit/charts.ts'
import { ChartferryError } from '../../../src/errors.ts'
import { archiveBudget, readArchive } from '../../../src/helm/archive/read.ts'
import { defaultLimits } from '../../../src/limits.ts'

const chart = { name: 'web/Chart.yaml', data: 'name: web\n' }
const limits = { ...defaultLimits }

describe('readArchive', () => {
  it('gives files and folders in order, with mode, time and bytes', async () => {
    const bytes = await buildArchive([
      { name: 'web/', type: '5', mode: 0o755 },
      { ...chart, mode: 0o600, mtime: 7 },
    ])
    expect(await readArchive(bytes)).toEqual([
      { path: 'web', type: 'directory', mode: 0o755, mtime: 1_700_000_000, data: new Uint8Array() },
      { path: 'web/Chart.yaml', type: 'file', mode: 0o600, mtime: 7, data: new Uint8Array(Buffer.from('name: web\n')) },
    ])
  })

  it('reads a stream as well as bytes', async () => {
    const bytes = await buildArchive([chart])
    async function* stream(): AsyncGenerator<Uint8Array, void, void> {
      for (const byte of bytes) yield Uint8Array.of(byte)
    }
    expect(await readArchive(stream())).toEqual(await readArchive(bytes))
  })

  it('keeps duplicates', async () => {
    const entries = await readArchive(await buildArchive([chart, { ...chart, data: 'second' }]))
    expect(entries.map(({ path, data }) => [path, Buffer.from(data).toString()])).toEqual([
      ['web/Chart.yaml', 'name: web\n'],
      ['web/Chart.yaml', 'second'],
    ])
  })

  it('keeps the spelling of a name with backslashes beside its path', async () => {
    const [entry] = await readArchive(await buildArchive([{ name: 'web\\templates\\a.yaml' }]))
    expect(entry).toMatchObject({ path: 'web/templates/a.yaml', rawPath: 'web\\templates\\a.yaml' })
  })

  it('passes on the failure of its source', async () => {
    async function* broken(): AsyncGenerator<Uint8Array, void, void> {
      yield (await buildArchive([chart])).subarray(0, 20)
      throw new ChartferryError('UPSTREAM_TIMEOUT', 'too slow')
    }
    await expect(readArchive(broken())).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
  })

  it('stops on request', async () => {
    const signal = AbortSignal.abort()
    await expect(readArchive(await buildArchive([chart]), { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('spends a budget that several archives share', async () => {
    const budget = archiveBudget({ ...limits, archiveEntries: 3, unpackedBytes: 25 })
    const bytes = await buildArchive([chart])
    await readArchive(bytes, { budget })
    await readArchive(bytes, { budget })
    expect(budget).toEqual({ bytes: 5, entries: 1 })
    await expect(readArchive(bytes, { budget })).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' })
  })

  it('refuses a file above the limit by its header', async () => {
    const bytes = gzipSync(tarHeader({ name: 'web/big', size: limits.fileBytes + 1 }))
    await expect(readArchive(bytes, { name: 'x.tgz' })).rejects.toMatchObject({
      code: 'ARCHIVE_TOO_LARGE',
      message: 'x.tgz: entry "web/big" is larger than 5242880 bytes',
    })
  })

  it('refuses an archive above the limit before it is read whole', async () => {
    let read = 0
    async function* endless(): AsyncGenerator<Uint8Array, void, void> {
      const piece = gzipSync(Buffer.alloc(1024))
      for (;;) {
        read += piece.length
        yield piece
      }
    }
    const small = { ...limits, archiveBytes: 10_000 }
    await expect(readArchive(endless(), { limits: small })).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' })
    expect(read).toBeLessThan(100_000)
  })
})

describe('readArchive, hostile', () => {
  async function refusal(bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
    const thrown = await readArchive(bytes, { name: 'x.tgz' }).catch((error: unknown) => error)
    if (!(thrown instanceof ChartferryError)) throw new Error('was not refused', { cause: thrown })
    return `${thrown.code} ${thrown.message}`
  }

  it('empty file', async () => {
    expect(await refusal(new Uint8Array())).toBe('ARCHIVE_INVALID x.tgz: the file is empty')
  })

  it('not gzip', async () => {
    expect(await refusal(Buffer.from('<html>log in</html>'))).toBe(
      'ARCHIVE_INVALID x.tgz: not a gzip file, or a damaged one',
    )
  })

  it('gzip of something that is no tar', async () => {
    expect(await refusal(gzipSync('x'.repeat(600)))).toBe('ARCHIVE_INVALID x.tgz: a tar header has a wrong checksum')
  })

  it('truncated gzip, wherever it is cut', async () => {
    const bytes = await buildArchive([chart])
    for (let length = 1; length < bytes.length; length++) {
      expect(await refusal(bytes.subarray(0, length))).toContain('ARCHIVE_INVALID')
    }
  })

  it('gzip with a wrong checksum', async () => {
    const bytes = Buffer.from(await buildArchive([chart]))
    bytes[bytes.length - 6] = ~(bytes[bytes.length - 6] ?? 0) & 255
    expect(await refusal(bytes)).toBe('ARCHIVE_INVALID x.tgz: not a gzip file, or a damaged one')
  })

  it.each([
    ['path that leaves the folder', { name: 'web/../../x' }, 'leaves the chart folder'],
    ['absolute path', { name: '/etc/cron.d/x' }, 'is an absolute path'],
    ['symlink', { name: 'web/x', type: '2', link: '/etc/passwd' }, 'is a symbolic link'],
    ['hard link', { name: 'web/x', type: '1', link: 'web/Chart.yaml' }, 'is a hard link'],
    ['character device', { name: 'web/x', type: '3' }, 'is a device'],
    ['block device', { name: 'web/x', type: '4' }, 'is a device'],
    ['fifo', { name: 'web/x', type: '6' }, 'is a fifo'],
    ['unknown type', { name: 'web/x', type: 'V' }, 'is of the unknown type "V"'],
  ])('%s', async (_, entry, why) => {
    const bytes = await buildArchive([chart, entry])
    expect(await refusal(bytes)).toBe(`PATH_UNSAFE x.tgz: entry ${JSON.stringify(entry.name)} ${why}`)
  })

  it('200,000 entries', async () => {
    const bytes = await buildArchive(Array.from({ length: 200_000 }, (_, index) => ({ name: `web/${index}` })))
    expect(await refusal(bytes)).toBe('TOO_MANY_ENTRIES x.tgz: more than 20000 entries')
  })

  it('nothing but long names', async () => {
    const long = { name: 'long', type: 'L', data: Buffer.alloc(1024 * 1024, 'x') }
    const tar = buildTar(Array.from({ length: 20 }, () => long))
    const small = { ...limits, unpackedBytes: 1024 * 1024, archiveEntries: 100, compressionRatio: 1e9 }
    await expect(readArchive(gzipSync(tar), { limits: small })).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' })
  })

  it('a bomb of 10 GiB, of which little is unpacked', async () => {
    let unpacked = 0
    async function* bomb(): AsyncGenerator<Uint8Array, void, void> {
      const gzip = createGzip()
      gzip.write(tarHeader({ name: 'web/zero', size: limits.fileBytes }))
      const zeros = Buffer.alloc(1024 * 1024)
      for (; unpacked < 10 * 2 ** 30; unpacked += zeros.length) {
        if (!gzip.write(zeros)) await once(gzip, 'drain')
        for (let piece = gzip.read(); piece !== null; piece = gzip.read()) yield piece
      }
    }
    expect(await refusal(bomb())).toBe('ARCHIVE_TOO_LARGE x.tgz: unpacks to more than 200 times its size')
    expect(unpacked).toBeLessThan(256 * 2 ** 20)
  })
})
