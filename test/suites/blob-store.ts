// What every blob store must do; each implementation runs it.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../../packages/core/src/digest.ts'
import { type ErrorCode, isChartferryError } from '../../packages/core/src/errors.ts'
import { type BlobStore, readBlob } from '../../packages/core/src/storage/blob-store.ts'
import { openDraft } from '../../packages/core/src/storage/draft.ts'

async function* pieces(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part)
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half')
  throw new Error('the source broke')
}

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  return promise.then(
    () => undefined,
    (thrown: unknown) => (isChartferryError(thrown) ? thrown.code : undefined),
  )
}

async function keys(store: BlobStore, prefix: string, after?: string): Promise<string[]> {
  const found: string[] = []
  for await (const key of store.list(prefix, after === undefined ? {} : { after })) found.push(key)
  return found
}

/** Declares the suite for stores that `open` gives; each test gets a new and empty one. */
export function blobStoreSuite(
  name: string,
  open: () => Promise<{ readonly store: BlobStore; close(): Promise<void> }>,
): void {
  describe(`${name} as a blob store`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    let store: BlobStore
    beforeEach(async () => {
      opened = await open()
      store = opened.store
    })
    afterEach(() => opened.close())

    it('gives back what was put, in one piece or in many', async () => {
      expect(await store.put('a/whole', Buffer.from('hello'))).toEqual({ size: 5, digest: digestOf('hello') })
      expect(await store.put('a/pieces', pieces('he', 'l', 'lo'))).toEqual({ size: 5, digest: digestOf('hello') })
      for (const key of ['a/whole', 'a/pieces']) {
        expect((await readBlob(store, key))?.toString()).toBe('hello')
        expect(await store.stat(key)).toMatchObject({ size: 5 })
      }
    })

    it('knows when a blob was written last', async () => {
      const modified = async (key: string): Promise<number> => (await store.stat(key))?.modified ?? 0
      // Some stores say whole seconds.
      const before = Date.now() - 1000
      await store.put('a', Buffer.from('x'))
      const first = await modified('a')
      expect(first).toBeGreaterThanOrEqual(before)
      expect(first).toBeLessThanOrEqual(Date.now() + 1000)
      while ((await modified('a')) - first < 1) await store.put('a', Buffer.from('x'))
      expect(await modified('a')).toBeGreaterThan(first)
    })

    it('holds empty blobs', async () => {
      await store.put('empty', Buffer.alloc(0))
      expect(await readBlob(store, 'empty')).toEqual(Buffer.alloc(0))
      expect(await store.stat('empty')).toMatchObject({ size: 0 })
    })

    it('has nothing where nothing was put', async () => {
      await store.put('a/b', Buffer.from('x'))
      for (const key of ['none', 'a', 'a/b/c']) {
        expect(await store.stat(key)).toBeUndefined()
        expect(await store.get(key)).toBeUndefined()
      }
    })

    it('reads ranges, both ends counted', async () => {
      await store.put('k', Buffer.from('0123456789'))
      const blob = await store.get('k', { range: { start: 2, end: 4 } })
      expect(blob?.size).toBe(10)
      expect(Buffer.concat((await blob?.body.toArray()) ?? []).toString()).toBe('234')
      for (const range of [
        { start: 5, end: 10 },
        { start: -1, end: 2 },
        { start: 3, end: 2 },
        { start: 0.5, end: 2 },
      ]) {
        expect(await codeOf(store.get('k', { range }))).toBe('RANGE_INVALID')
      }
    })

    it('puts over what was there, while a reader keeps the old bytes', async () => {
      await store.put('k', Buffer.from('old'))
      const reader = await store.get('k')
      await store.put('k', Buffer.from('newer'))
      expect(Buffer.concat((await reader?.body.toArray()) ?? []).toString()).toBe('old')
      expect((await readBlob(store, 'k'))?.toString()).toBe('newer')
    })

    it('refuses bytes of another digest and changes nothing', async () => {
      await store.put('k', Buffer.from('old'))
      expect(await codeOf(store.put('k', pieces('wrong'), { digest: digestOf('right') }))).toBe('DIGEST_MISMATCH')
      expect(await codeOf(store.put('new', pieces('wrong'), { digest: digestOf('right') }))).toBe('DIGEST_MISMATCH')
      await store.put('right', pieces('ri', 'ght'), { digest: digestOf('right') })
      expect((await readBlob(store, 'k'))?.toString()).toBe('old')
      expect(await keys(store, '')).toEqual(['k', 'right'])
    })

    it('changes nothing when the body breaks off', async () => {
      await expect(store.put('k', failing())).rejects.toThrow('the source broke')
      await expect(store.create('k', failing())).rejects.toThrow('the source broke')
      expect(await keys(store, '')).toEqual([])
    })

    it('creates only what is absent', async () => {
      expect(await store.create('a/k', pieces('first'))).toBe(true)
      expect(await store.create('a/k', Buffer.from('second'))).toBe(false)
      expect((await readBlob(store, 'a/k'))?.toString()).toBe('first')
    })

    it('lets one of many creators win', async () => {
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) => store.create('k', Buffer.from(`writer ${index}`))),
      )
      expect(results.filter(Boolean)).toHaveLength(1)
      expect((await readBlob(store, 'k'))?.toString()).toBe(`writer ${results.indexOf(true)}`)
    })

    it('has drafts that are read while they are written, and are a blob only once they are published', async () => {
      const draft = await openDraft(store)
      await draft.append(Buffer.from('hello '))
      expect((await draft.read(1, 4)).toString()).toBe('ello')
      expect(await keys(store, '')).toEqual([])
      await draft.append(Buffer.from('world'))
      await draft.publish('a/draft')
      expect((await draft.read(6, 5)).toString()).toBe('world')
      await draft.close()
      expect((await readBlob(store, 'a/draft'))?.toString()).toBe('hello world')
      const given = await openDraft(store)
      await given.append(Buffer.from('given up'))
      await given.close()
      expect(await keys(store, '')).toEqual(['a/draft'])
    })

    it('deletes, and does not mind when there is nothing', async () => {
      await store.put('a/k', Buffer.from('x'))
      await store.delete('a/k')
      await store.delete('a/k')
      expect(await store.stat('a/k')).toBeUndefined()
      expect(await keys(store, '')).toEqual([])
    })

    it('lists by prefix, in order, behind a key', async () => {
      const all = ['a+b', 'a-b', 'a.b', 'a/b', 'a/b.c', 'a/c/d', 'a0', 'ab', 'b/a']
      for (const key of all.toReversed()) await store.put(key, Buffer.from('x'))
      expect(await keys(store, '')).toEqual(all)
      expect(await keys(store, 'a/')).toEqual(['a/b', 'a/b.c', 'a/c/d'])
      expect(await keys(store, 'a/b')).toEqual(['a/b', 'a/b.c'])
      expect(await keys(store, 'none/')).toEqual([])
      for (const [index, key] of all.entries()) expect(await keys(store, '', key)).toEqual(all.slice(index + 1))
      expect(await keys(store, 'a/', 'a/b.c')).toEqual(['a/c/d'])
    })

    it.each([
      '',
      '/',
      '/etc/passwd',
      'a/',
      'a//b',
      '.',
      '..',
      'a/../b',
      '../a',
      '.hidden',
      'a/.tmp',
      'a\\b',
      'a\0b',
      'a b',
      'é',
      `${'a'.repeat(251)}`,
    ])('refuses %j as a key', async (key) => {
      expect(await codeOf(store.stat(key))).toBe('PATH_UNSAFE')
      expect(await codeOf(store.get(key))).toBe('PATH_UNSAFE')
      expect(await codeOf(store.put(key, Buffer.from('x')))).toBe('PATH_UNSAFE')
      expect(await codeOf(store.create(key, Buffer.from('x')))).toBe('PATH_UNSAFE')
      expect(await codeOf(store.delete(key))).toBe('PATH_UNSAFE')
      expect(await keys(store, '')).toEqual([])
    })
  })
}
