import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startUpstream, type TestUpstream } from '../../../../../test/kit/upstream.ts'
import { digestHex, digestOf } from '../../../src/digest.ts'
import { type ErrorCode, isChartferryError } from '../../../src/errors.ts'
import type { CopyProgress } from '../../../src/events.ts'
import { type HttpClient, openHttpClient } from '../../../src/oci/http/http-client.ts'
import { readBlob } from '../../../src/storage/blob-store.ts'
import { openMemoryStore } from '../../../src/storage/memory-store.ts'
import { copyFiles } from '../../../src/transfer/assets/copy-files.ts'
import { placeFiles } from '../../../src/transfer/assets/file-naming.ts'
import { findDigest } from '../../../src/transfer/assets/find-digest.ts'
import { folderSink } from '../../../src/transfer/assets/folder-sink.ts'
import { storeSink } from '../../../src/transfer/assets/store-sink.ts'

const large = Buffer.alloc(3 << 20, 'chartferry')

let client: HttpClient
let upstream: TestUpstream
let folder: string
beforeAll(() => {
  client = openHttpClient({ retryDelay: 1 })
})
afterAll(() => client.close())
beforeEach(async () => {
  upstream = await startUpstream()
  folder = await mkdtemp(join(tmpdir(), 'chartferry-files-'))
  upstream.files.set('v1/tool', large)
  upstream.files.set('v1/tool.sha256', Buffer.from(`${digestHex(digestOf(large))}\n`))
  upstream.files.set('v1/other', Buffer.from('other'))
  upstream.files.set('v1/other.sha256sum', Buffer.from(`${digestHex(digestOf('other'))}  other\n`))
})
afterEach(async () => {
  await upstream.close()
  await rm(folder, { recursive: true, force: true })
})

const codeOf = async (work: Promise<unknown>): Promise<ErrorCode | undefined> => {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  return isChartferryError(thrown) ? thrown.code : undefined
}

describe('findDigest', () => {
  it('takes what was given, else what lies beside the file, whatever query it has', async () => {
    const given = { url: `${upstream.url}/v1/none`, digest: digestOf('x') }
    expect(await findDigest(given, { client })).toEqual(given)
    expect(upstream.requests).toEqual([])
    expect((await findDigest({ url: `${upstream.url}/v1/tool?a=b` }, { client })).digest).toBe(digestOf(large))
    expect((await findDigest({ url: `${upstream.url}/v1/other` }, { client })).digest).toBe(digestOf('other'))
  })

  it('says so where there is none, where it is of something else, and where the server fails', async () => {
    expect(await codeOf(findDigest({ url: `${upstream.url}/v1/none` }, { client }))).toBe('CHECKSUM_NOT_FOUND')
    upstream.files.set('v1/tool.sha256', Buffer.from('<html>'))
    expect(await codeOf(findDigest({ url: `${upstream.url}/v1/tool` }, { client }))).toBe('CHECKSUM_INVALID')
    upstream.fail(500, 'v1/other.sha256')
    expect(await codeOf(findDigest({ url: `${upstream.url}/v1/other` }, { client }))).toBe('UPSTREAM_UNREACHABLE')
  })
})

async function placed(...paths: string[]) {
  const files = await Promise.all(paths.map((path) => findDigest({ url: `${upstream.url}/${path}` }, { client })))
  return placeFiles(files, { kind: 'folder', path: folder })
}

describe('copyFiles', () => {
  it('writes each file with its checksum file, and skips what is there', async () => {
    const files = await placed('v1/tool', 'v1/other')
    const seen: CopyProgress[] = []
    const copied = await copyFiles(files, folderSink(folder), { client, onProgress: (progress) => seen.push(progress) })
    expect(copied).toEqual(files.map((file) => ({ file, present: false })))
    expect((await readFile(join(folder, 'v1/tool'))).equals(large)).toBe(true)
    expect(await readFile(join(folder, 'v1/other.sha256'), 'utf8')).toBe(`${digestHex(digestOf('other'))}  other\n`)
    expect((await readdir(join(folder, 'v1'))).sort()).toEqual(['other', 'other.sha256', 'tool', 'tool.sha256'])
    expect(seen.at(-1)).toMatchObject({ what: 'files', images: { done: 2, total: 2 }, active: [] })
    expect(seen.at(-1)?.bytes).toEqual({ done: large.length + 5, total: large.length + 5 })
    upstream.forget()
    expect((await copyFiles(files, folderSink(folder), { client })).every(({ present }) => present)).toBe(true)
    expect(upstream.requests).toEqual([])
  })

  it('fetches again what was changed since, and what has lost its checksum file', async () => {
    const files = await placed('v1/other')
    await copyFiles(files, folderSink(folder), { client })
    await writeFile(join(folder, 'v1/other'), 'rotten')
    expect((await copyFiles(files, folderSink(folder), { client }))[0]?.present).toBe(false)
    expect(await readFile(join(folder, 'v1/other'), 'utf8')).toBe('other')
    await rm(join(folder, 'v1/other.sha256'))
    expect((await copyFiles(files, folderSink(folder), { client }))[0]?.present).toBe(false)
  })

  it('goes on where a body broke off, and gives up after three breaks', async () => {
    const files = await placed('v1/tool')
    upstream.truncate('v1/tool', 1 << 20)
    expect(await codeOf(copyFiles(files, folderSink(folder), { client }))).toBe('UPSTREAM_UNREACHABLE')
    expect(await readdir(folder)).toEqual(['v1'])
    expect(await readdir(join(folder, 'v1'))).toEqual([])
    const work = copyFiles(files, folderSink(folder), {
      client,
      onProgress: ({ bytes }) => {
        if (bytes.done > 0) upstream.truncate('v1/tool', undefined)
      },
    })
    expect((await work)[0]?.present).toBe(false)
    expect((await readFile(join(folder, 'v1/tool'))).equals(large)).toBe(true)
    expect(upstream.requests.at(-1)?.headers.range).toMatch(/^bytes=\d+-$/)
  })

  it('asks for the rest alone where the server knows ranges, and believes no other range', async () => {
    let answer = 'the rest'
    const server = createServer((request, response) => {
      const begin = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
      const first = answer === 'another range' ? 0 : begin
      if (begin === 0) {
        response.writeHead(200, { 'content-length': large.length })
        response.write(large.subarray(0, 1 << 20), () => response.destroy())
      } else {
        response.writeHead(206, { 'content-range': `bytes ${first}-${large.length - 1}/${large.length}` })
        response.end(large.subarray(first))
      }
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const files = placeFiles([{ url: `http://127.0.0.1:${port}/tool`, digest: digestOf(large) }], {
      kind: 'folder',
      path: folder,
    })
    await copyFiles(files, folderSink(folder), { client })
    expect((await readFile(join(folder, 'tool'))).equals(large)).toBe(true)
    await rm(join(folder, 'tool'))
    answer = 'another range'
    expect(await codeOf(copyFiles(files, folderSink(folder), { client }))).toBe('UPSTREAM_INVALID')
    server.closeAllConnections()
    server.close()
  })

  it('publishes nothing whose bytes are others, copies the rest, and names every failure', async () => {
    const files = await placed('v1/tool', 'v1/other')
    upstream.corrupt('v1/tool')
    expect(await codeOf(copyFiles(files, folderSink(folder), { client }))).toBe('DIGEST_MISMATCH')
    expect((await readdir(join(folder, 'v1'))).sort()).toEqual(['other', 'other.sha256'])
    upstream.files.delete('v1/other')
    await rm(join(folder, 'v1'), { recursive: true })
    const thrown = await copyFiles(files, folderSink(folder), { client }).catch((error: unknown) => error)
    expect(isChartferryError(thrown, 'ASSETS_INCOMPLETE')).toBe(true)
    expect(String(thrown)).toContain('2 of 2 files')
    expect(String(thrown)).toContain('/v1/tool')
    expect(String(thrown)).toContain('/v1/other: answered 404')
  })

  it('takes no more than the limit', async () => {
    const { defaultLimits } = await import('../../../src/limits.ts')
    const limits = { ...defaultLimits, assetBytes: 1000 }
    expect(await codeOf(copyFiles(await placed('v1/tool'), folderSink(folder), { client, limits }))).toBe(
      'ASSET_TOO_LARGE',
    )
  })

  it('stops on request', async () => {
    const controller = new AbortController()
    const options = { client, signal: controller.signal, onProgress: () => controller.abort() }
    expect(await codeOf(copyFiles(await placed('v1/tool'), folderSink(folder), options))).toBe('CANCELLED')
    expect(await readdir(join(folder, 'v1'))).toEqual([])
  })
})

describe('copyFiles into a public place', () => {
  it('reads each file back, and names what clusters would not get', async () => {
    const store = openMemoryStore()
    const sink = storeSink('the bucket', store)
    const [file] = await placed('v1/other')
    if (file === undefined) throw new Error('a file is wanted')
    const there = { ...file, download: `${upstream.url}/bucket/v1/other` }
    const copy = () => copyFiles([there], sink, { client, isPublic: true })
    expect(await codeOf(copy())).toBe('ASSET_NOT_PUBLIC')
    expect((await readBlob(store, 'v1/other'))?.toString()).toBe('other')
    // It is there now, but still nobody can read it.
    expect(await codeOf(copy())).toBe('ASSET_NOT_PUBLIC')
    upstream.files.set('bucket/v1/other', Buffer.from('other'))
    expect((await copy())[0]?.present).toBe(true)
    await store.delete('v1/other.sha256')
    expect(await codeOf(copy())).toBe('ASSET_NOT_PUBLIC')
    upstream.files.set('bucket/v1/other.sha256', (await readBlob(store, 'v1/other.sha256')) ?? Buffer.of())
    await store.delete('v1/other')
    expect((await copy())[0]?.present).toBe(false)
    await store.delete('v1/other')
    upstream.files.set('bucket/v1/other', Buffer.from('an error page'))
    expect(await codeOf(copy())).toBe('DIGEST_MISMATCH')
  })
})
