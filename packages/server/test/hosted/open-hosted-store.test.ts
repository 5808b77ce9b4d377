import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@chartferry/core'
import { openFilesystemStore, openMemoryStore } from '@chartferry/core/transfer'
import { expect, it } from 'vitest'
import { listed } from '../../../../test/kit/pushes.ts'
import { openTestBucket } from '../../../../test/kit/s3.ts'
import { describeWithTools } from '../../../../test/kit/tools.ts'
import { hostedStoreSuite } from '../../../../test/suites/hosted-store.ts'
import { openHostedStore } from '../../src/hosted/open-hosted-store.ts'

hostedStoreSuite('memory', async () => ({ store: openMemoryStore(), close: async () => {} }))

hostedStoreSuite('the file system', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-hosted-'))
  return { store: await openFilesystemStore(folder), close: () => rm(folder, { recursive: true, force: true }) }
})

describeWithTools('a bucket', ['versitygw'], () => {
  hostedStoreSuite('S3', openTestBucket)
})

it('takes over what version 0.1 kept, once, whoever opens it', async () => {
  const blobs = openMemoryStore()
  const bytes = Buffer.from('an archive')
  const hex = digestOf(bytes).slice(7)
  await blobs.put(`sha256/${hex.slice(0, 2)}/${hex}`, bytes)
  const record = { name: 'web', version: '1.0.0', digest: `sha256:${hex}`, size: bytes.length }
  const metadata = { apiVersion: 'v2', name: 'web', version: '1.0.0', description: 'A web', odd: 1 }
  const created = '2026-01-01T00:00:00.000Z'
  await blobs.put('hosted/local/charts/web/1.0.0.json', Buffer.from(JSON.stringify({ ...record, created, metadata })))
  await blobs.put('hosted/local/provenance/web/1.0.0.prov', Buffer.from('signed'))
  const options = { now: Date.now, warn: () => {} }
  const stores = [openHostedStore(blobs, options), openHostedStore(blobs, options)]
  expect(await Promise.all(stores.map((store) => listed(store)))).toEqual([['web 1.0.0'], ['web 1.0.0']])
  for (const store of stores) {
    const { files, provenances, number } = await store.view('local')
    expect(number).toBe(1)
    expect(JSON.parse(files.get('web-1.0.0.tgz')?.entry.toString() ?? '')).toEqual({
      apiVersion: 'v2',
      created,
      description: 'A web',
      digest: hex,
      name: 'web',
      urls: ['charts/web-1.0.0.tgz'],
      version: '1.0.0',
    })
    const provenance = provenances.get('web-1.0.0.tgz')
    expect(provenance).toMatchObject({ digest: digestOf('signed'), size: 6 })
  }
  await stores[0]?.remove('local', { name: 'web', version: '1.0.0' })
  expect(await listed(openHostedStore(blobs, options))).toEqual([])
})
