import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf, readChartArchive } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { openRegistries } from '@chartferry/core/oci'
import { chartArtifact, pushChart } from '@chartferry/core/transfer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { startRegistry } from '../../../../test/kit/registry.ts'
import { startServer } from '../../../../test/kit/server.ts'
import { createSigningKey } from '../../../../test/kit/signing-key.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'
import { mirrorRepository } from '../../src/mirror/mirror-repository.ts'

const signature = '-----BEGIN PGP SIGNED MESSAGE-----\n'
let upstream: TestUpstream
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-mirror-'))
  upstream = await startUpstream([{ name: 'web' }, { name: 'web', version: '1.1.0-rc.1' }])
  await upstream.add({ name: 'web', version: '0.9.0+build.1' }, { provenance: signature })
  await upstream.add({ name: 'odd' }, { path: 'download/odd name (1).tgz' })
})
afterEach(async () => {
  await upstream.close()
  await rm(folder, { recursive: true })
})

async function files(): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}
const index = async () => parseIndexFile(await readFile(join(folder, 'index.yaml')))

describe('mirrorRepository', () => {
  it('makes a repository of files with relative URLs, each archive what the index says', async () => {
    expect(await mirrorRepository({ url: upstream.url }, { folder })).toMatchObject({
      versions: 4,
      fetched: 4,
      present: 0,
      failed: [],
    })
    const { entries } = await index()
    expect([...entries].flatMap(([chart, list]) => list.map(({ version }) => `${chart} ${version}`))).toEqual([
      'web 1.1.0-rc.1',
      'web 1.0.0',
      'web 0.9.0+build.1',
      'odd 1.0.0',
    ])
    for (const { urls, digest, name, version } of [...entries.values()].flat()) {
      expect(urls[0]).toMatch(/^charts\/[0-9a-f]{12}\/[a-z]+-[\w.+-]+\.tgz$/)
      const archive = await readChartArchive(await readFile(join(folder, urls[0] ?? '')))
      expect(archive).toMatchObject({ digest, chart: { metadata: { name, version } } })
    }
    expect((await files()).filter((path) => path.endsWith('.prov'))).toHaveLength(1)
  })

  it('takes what is asked for alone', async () => {
    const filter = { allow: ['w*'], prereleases: false, newest: 1 }
    expect(await mirrorRepository({ url: upstream.url }, { folder, filter, provenance: false })).toMatchObject({
      versions: 1,
    })
    expect((await files()).sort()).toEqual([expect.stringMatching(/\/web-1\.0\.0\.tgz$/), 'index.yaml'])
    expect(upstream.requests.filter(({ path }) => path.endsWith('.prov'))).toEqual([])
  })

  it('goes on where it was, and fetches again what is not what it should be', async () => {
    upstream.fail(503, 'charts/web-1.0.0.tgz')
    const broken = await mirrorRepository({ url: upstream.url }, { folder })
    expect(broken).toMatchObject({ versions: 3, failed: [{ chart: 'web', version: '1.0.0' }] })
    expect((await index()).entries.get('web')?.map(({ version }) => version)).not.toContain('1.0.0')
    upstream.fail(undefined, 'charts/web-1.0.0.tgz')
    const spoilt = (await files()).find((path) => path.endsWith('web-1.1.0-rc.1.tgz')) ?? ''
    await writeFile(join(folder, spoilt), 'something else')
    upstream.forget()
    expect(await mirrorRepository({ url: upstream.url }, { folder, dryRun: true })).toMatchObject({
      fetched: 2,
      present: 2,
    })
    expect(upstream.requests.map(({ path }) => path)).toEqual(['/index.yaml'])
    expect(await mirrorRepository({ url: upstream.url }, { folder })).toMatchObject({
      versions: 4,
      fetched: 2,
      present: 2,
    })
    expect((await index()).entries.get('web')).toHaveLength(3)
  })

  it('never keeps bytes that the index does not name', async () => {
    upstream.corrupt('charts/web-1.0.0.tgz')
    const { failed } = await mirrorRepository({ url: upstream.url }, { folder })
    expect(failed.map(({ version, error }) => `${version} ${error.code}`)).toEqual(['1.0.0 DIGEST_MISMATCH'])
    expect((await files()).filter((path) => path.endsWith('web-1.0.0.tgz'))).toEqual([])
    const warmed = await mirrorRepository({ url: upstream.url })
    expect(warmed.failed.map(({ version, error }) => `${version} ${error.code}`)).toEqual(['1.0.0 DIGEST_MISMATCH'])
  })

  it('leaves out what a gate refuses, and remembers what it said', async () => {
    const seen = join(folder, 'seen')
    const gate = (rule: string): string => `f() { echo "$CHARTFERRY_VERSION" >> ${seen}; ${rule}; }; f`
    const told = async (): Promise<string[]> => (await readFile(seen, 'utf8')).trim().split('\n').sort()
    const filter = { allow: ['web'], gate: gate('case "$1" in *web-1.1.0*) echo too new; exit 3;; esac') }
    const mirrored = join(folder, 'mirror')
    const first = await mirrorRepository({ url: upstream.url }, { folder: mirrored, filter })
    expect(first).toMatchObject({ versions: 2, failed: [] })
    expect(first.refused).toEqual([{ chart: 'web', version: '1.1.0-rc.1', reason: 'exit 3: too new' }])
    expect((await files()).filter((path) => /1\.1\.0/.test(path))).toEqual([])
    expect((await told()).length).toBe(3)
    upstream.forget()
    expect(await mirrorRepository({ url: upstream.url }, { folder: mirrored, filter })).toMatchObject({
      versions: 2,
      fetched: 0,
      refused: [{ version: '1.1.0-rc.1' }],
    })
    expect((await told()).length).toBe(3)
    expect(upstream.requests.filter(({ path }) => path.endsWith('.tgz'))).toEqual([])
    const later = await mirrorRepository(
      { url: upstream.url },
      { folder: mirrored, filter: { ...filter, gate: gate('exit 75') } },
    )
    expect([later.versions, later.failed.map(({ error }) => error.code)]).toEqual([0, Array(3).fill('GATE_REFUSED')])
  })

  it('keeps what a key of the keyring has signed, whether or not the signatures come along', async () => {
    const key = await createSigningKey()
    if (key === undefined) return expect(process.env.CI, 'gpg is missing').not.toBe('true')
    const bytes = await buildChart({ name: 'signed' })
    const message = `name: signed\nversion: 1.0.0\n\n...\nfiles:\n  signed-1.0.0.tgz: ${digestOf(bytes)}\n`
    await upstream.add({ name: 'signed' }, { bytes, provenance: await key.clearSign(message) })
    const filter = { keyring: await readFile(key.publicKeyring) }
    await key.close()
    for (const provenance of [true, false]) {
      const mirrored = join(folder, `mirror-${provenance}`)
      const { versions, refused } = await mirrorRepository(
        { url: upstream.url },
        { folder: mirrored, filter, provenance },
      )
      expect([versions, refused.length]).toEqual([1, 4])
      expect(refused.filter(({ reason }) => reason === 'it is not signed').length).toBe(3)
    }
    expect((await files()).filter((path) => path.endsWith('.prov'))).toEqual([expect.stringContaining('mirror-true/')])
    await expect(mirrorRepository({ url: upstream.url }, { filter })).rejects.toMatchObject({ code: 'USAGE' })
  })

  it('fills the cache of a server, and leaves the old index where it breaks off', async () => {
    const server = await startServer({ repositories: { up: upstream.url } })
    const warm = await mirrorRepository({ url: `${server.url}/up` })
    expect(warm).toMatchObject({ versions: 4, fetched: 4 })
    upstream.forget()
    await mirrorRepository({ url: `${server.url}/up` }, { folder })
    expect(upstream.requests.filter(({ path }) => path.endsWith('.tgz'))).toEqual([])
    await server.close()
    const before = await readFile(join(folder, 'index.yaml'))
    await upstream.stop()
    await expect(mirrorRepository({ url: upstream.url }, { folder })).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
    })
    expect(await readFile(join(folder, 'index.yaml'))).toEqual(before)
  })

  it('takes the charts of a registry too', async () => {
    const registry = await startRegistry()
    const client = openRegistries()
    const bytes = await buildChart({ name: 'api' })
    await pushChart(client.repository(`${registry.host}/charts/api`), chartArtifact(await readChartArchive(bytes)))
    const url = `oci://${registry.host}/charts`
    expect(await mirrorRepository({ url, charts: ['api'] }, { folder })).toMatchObject({
      versions: 1,
      bytes: bytes.length,
    })
    expect((await index()).entries.get('api')?.[0]?.version).toBe('1.0.0')
    await client.close()
    await registry.close()
  })
})
