import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { defaultLimits } from '../../../src/limits.ts'
import { archiveFile } from '../../../src/transfer/source/archive-file.ts'
import { directory } from '../../../src/transfer/source/directory.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, data] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), data)
    await utimes(join(folder, path), 1_700_000_000, 1_700_000_000)
  }
}

const chart = {
  'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'values.yaml': 'a: 1\n',
  'templates/a.yaml': 'a',
}

describe('directory', () => {
  it('packs Chart.yaml first, then the rest by name', async () => {
    await write({ ...chart, 'charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 2.0.0\n' })
    const archive = await directory(folder).fetch({ name: 'web', version: '1.0.0' })
    expect(archive.fileName).toBe('web-1.0.0.tgz')
    expect(archive.entries.map(({ path }) => path)).toEqual([
      'web/Chart.yaml',
      'web/charts/db/Chart.yaml',
      'web/templates/a.yaml',
      'web/values.yaml',
    ])
    expect(archive.chart.subcharts.map(({ metadata }) => metadata.name)).toEqual(['db'])
  })

  it('gives the same bytes for the same files', async () => {
    await write(chart)
    const [first, second] = await Promise.all(
      [1, 2].map(() => directory(folder).fetch({ name: 'web', version: '1.0.0' })),
    )
    expect(first?.digest).toBe(second?.digest)
  })

  it('leaves out what .helmignore names', async () => {
    await write({ ...chart, '.helmignore': 'ci/\n*.md\n', 'ci/a.yaml': 'x', 'README.md': 'x' })
    const { chart: packed } = await directory(folder).fetch({ name: 'web', version: '1.0.0' })
    expect([...packed.files.keys()].sort()).toEqual(['.helmignore', 'Chart.yaml', 'templates/a.yaml', 'values.yaml'])
  })

  it('follows a link, as Helm does', async () => {
    await write({ ...chart, 'shared/b.yaml': 'shared' })
    await symlink(join(folder, 'shared/b.yaml'), join(folder, 'templates/b.yaml'))
    const { chart: packed } = await directory(folder).fetch({ name: 'web', version: '1.0.0' })
    expect(Buffer.from(packed.files.get('templates/b.yaml') ?? []).toString()).toBe('shared')
  })

  it('refuses a folder without Chart.yaml', async () => {
    await write({ 'values.yaml': 'a: 1\n' })
    await expect(directory(folder).resolve({ name: '' })).rejects.toMatchObject({ code: 'CHART_INVALID' })
  })

  it('refuses a file above the limit before it reads it', async () => {
    await write({ ...chart, 'big.bin': new Uint8Array(2000) })
    const limits = { ...defaultLimits, fileBytes: 1000 }
    await expect(directory(folder, { limits }).resolve({ name: '' })).rejects.toMatchObject({
      code: 'ARCHIVE_TOO_LARGE',
    })
  })

  it('refuses more files than the limit', async () => {
    await write(chart)
    const limits = { ...defaultLimits, archiveEntries: 2 }
    await expect(directory(folder, { limits }).resolve({ name: '' })).rejects.toMatchObject({
      code: 'TOO_MANY_ENTRIES',
    })
  })
})

describe('archiveFile', () => {
  it('reads the archive, and the provenance beside it', async () => {
    await write({ 'web-1.0.0.tgz': await buildChart({ name: 'web' }), 'web-1.0.0.tgz.prov': 'signed' })
    const source = archiveFile(join(folder, 'web-1.0.0.tgz'))
    const archive = await source.fetch(await source.resolve({ name: 'web', version: '>=1' }))
    expect(Buffer.from(archive.provenance ?? []).toString()).toBe('signed')
  })

  it.each([
    ['a file that is not there', 'none.tgz', undefined, 'FILE_NOT_FOUND'],
    ['a folder', '.', undefined, 'FILE_NOT_FOUND'],
    ['another version', 'web-1.0.0.tgz', '^2', 'VERSION_NOT_FOUND'],
    ['a range that is none', 'web-1.0.0.tgz', 'newest!', 'VERSION_INVALID'],
  ])('refuses %s', async (_, name, version, code) => {
    await write({ 'web-1.0.0.tgz': await buildChart({ name: 'web' }) })
    await expect(archiveFile(join(folder, name)).resolve({ name: '', version })).rejects.toMatchObject({ code })
  })

  it('refuses an archive above the limit before it reads it', async () => {
    await write({ 'web-1.0.0.tgz': await buildChart({ name: 'web' }) })
    const source = archiveFile(join(folder, 'web-1.0.0.tgz'), { limits: { ...defaultLimits, archiveBytes: 10 } })
    await expect(source.resolve({ name: '' })).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' })
  })
})
