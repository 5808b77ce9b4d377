// What hosted repositories must keep to on every blob store: nothing acknowledged is lost, nothing listed is missing.
import { digestOf, isChartferryError } from '@chartferry/core'
import type { BlobStore } from '@chartferry/core/transfer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HostedStore } from '../../packages/server/src/hosted/hosted-store.ts'
import { openHostedStore } from '../../packages/server/src/hosted/open-hosted-store.ts'
import { failingStore, listed, pushOf } from '../kit/pushes.ts'

const hour = 3_600_000
const day = 24 * hour

const outcome = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (thrown: unknown) => (isChartferryError(thrown) ? thrown.code : String(thrown)),
  )

async function keys(store: BlobStore, prefix: string): Promise<string[]> {
  const found: string[] = []
  for await (const key of store.list(prefix)) found.push(key)
  return found
}

/** Declares the suite for blob stores that `open` gives; each test gets a new and empty one. */
export function hostedStoreSuite(
  name: string,
  open: () => Promise<{ readonly store: BlobStore; close(): Promise<void> }>,
): void {
  describe(`hosted repositories on ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    let blobs: BlobStore
    let time: number
    const warnings: string[] = []
    /** As another process would open them. */
    const process = (store: BlobStore = blobs, pollEvery = 0): HostedStore =>
      openHostedStore(store, { now: () => time, warn: (message) => void warnings.push(message), pollEvery })

    beforeEach(async () => {
      opened = await open()
      blobs = opened.store
      time = Date.now()
      warnings.length = 0
    })
    afterEach(() => opened.close())

    it('lists and serves what was pushed, in this process and in every other', async () => {
      const [one, two] = [process(), process()]
      expect(await listed(two)).toEqual([])
      await one.push('local', pushOf('web', '1.0.0'))
      expect(await listed(two)).toEqual(['web 1.0.0'])
      await two.push('local', pushOf('web', '1.1.0'))
      expect(await listed(one)).toEqual(['web 1.0.0', 'web 1.1.0'])
      expect(await listed(process())).toEqual(['web 1.0.0', 'web 1.1.0'])
      expect((await one.view('local')).revision).toBe((await two.view('local')).revision)
    })

    it('lets exactly one of 16 writers of a version win, through three processes', async () => {
      const stores = [process(), process(), process()]
      const outcomes = await Promise.all(
        Array.from({ length: 16 }, (_, writer) =>
          outcome(stores[writer % 3]?.push('local', pushOf('web', '1.0.0', `writer ${writer}`)) ?? Promise.reject()),
        ),
      )
      expect(outcomes.toSorted()).toEqual([...Array(15).fill('VERSION_EXISTS'), 'done'])
      const bytes = Buffer.from(`writer ${outcomes.indexOf('done')}`)
      for (const store of [...stores, process()]) {
        expect((await store.view('local', { fresh: true })).files.get('web-1.0.0.tgz')?.digest).toBe(digestOf(bytes))
        expect(await listed(store)).toEqual(['web 1.0.0'])
      }
    })

    it('loses nothing when three processes push at once', async () => {
      const stores = [process(), process(), process()]
      const versions = Array.from({ length: 60 }, (_, patch) => `1.0.${patch}`)
      await Promise.all(versions.map(async (version, at) => stores[at % 3]?.push('local', pushOf('web', version))))
      for (const store of [...stores, process()])
        expect(await listed(store)).toEqual(versions.map((version) => `web ${version}`).sort())
    })

    it('keeps repositories apart, whatever they are called', async () => {
      const store = process()
      const names = ['', 'a', 'a/b', 'a/log', 'a/snapshot', 'a+2F.b', '.', '..', 'é', 'A']
      for (const [at, repository] of names.entries()) await store.push(repository, pushOf('web', `1.0.${at}`))
      for (const [at, repository] of names.entries()) expect(await listed(store, repository)).toEqual([`web 1.0.${at}`])
      expect(await outcome(store.view('x'.repeat(300)))).toBe('REPOSITORY_NOT_FOUND')
    })

    it('replaces only where that is asked for, and forgets the provenance of what was replaced', async () => {
      const store = process()
      const first = pushOf('web', '1.0.0', 'first')
      await store.push('local', {
        ...first,
        provenance: { file: 'web-1.0.0.tgz', bytes: Buffer.from('p'), subject: digestOf('first') },
      })
      expect(await outcome(store.push('local', pushOf('web', '1.0.0', 'second')))).toBe('VERSION_EXISTS')
      await store.push('local', first, { overwrite: true })
      expect((await store.view('local')).provenances.size).toBe(1)
      await store.push('local', pushOf('web', '1.0.0', 'second'), { overwrite: true })
      const { files, provenances, charts } = await process().view('local')
      expect(files.get('web-1.0.0.tgz')?.digest).toBe(digestOf('second'))
      expect(charts.get('web')?.versions).toHaveLength(1)
      expect(provenances.size).toBe(0)
    })

    it('removes a version with its provenance, once', async () => {
      const store = process()
      const provenance = { file: 'web-1.0.0.tgz', bytes: Buffer.from('p') }
      await store.push('local', { ...pushOf('web', '1.0.0'), provenance })
      await store.push('local', pushOf('web', '2.0.0'))
      const version = { name: 'web', version: '1.0.0' }
      const outcomes = await Promise.all([store, process()].map((each) => outcome(each.remove('local', version))))
      expect(outcomes.toSorted()).toEqual(['VERSION_NOT_FOUND', 'done'])
      expect(await listed(process())).toEqual(['web 2.0.0'])
      expect((await store.view('local', { fresh: true })).provenances.size).toBe(0)
      await store.push('local', pushOf('web', '1.0.0', 'another'))
      expect(await listed(process())).toEqual(['web 1.0.0', 'web 2.0.0'])
    })

    it('keeps the number of versions and of files within the rules, also at once', async () => {
      const store = process()
      for (const version of ['1.0.0', '1.1.0', '1.2.0'])
        await store.push('local', pushOf('web', version), { versionsPerChart: 2 })
      expect(await listed(store)).toEqual(['web 1.1.0', 'web 1.2.0'])
      const outcomes = await Promise.all(
        ['a', 'b', 'c'].map((chart) => outcome(store.push('local', pushOf(chart, '1.0.0'), { mostFiles: 4 }))),
      )
      expect(outcomes.toSorted()).toEqual(['REPOSITORY_FULL', 'done', 'done'])
      await store.push('local', pushOf('web', '1.2.0', 'other'), { mostFiles: 4, overwrite: true })
      expect(await listed(store)).toHaveLength(4)
    })

    it.each(['before', 'after'] as const)(
      'is whole whichever write of a push is the last one, the store failing %s it',
      async (how) => {
        const counted = failingStore(blobs, { from: Number.POSITIVE_INFINITY, how })
        await process(counted).push('count', pushOf('web', '1.0.0'))
        expect(counted.writes()).toBeGreaterThan(1)
        for (let from = 0; from <= counted.writes(); from++) {
          const repository = `r${from}`
          await process().push(repository, pushOf('web', '1.0.0'))
          const push = process(failingStore(blobs, { from, how })).push(repository, pushOf('web', '2.0.0'))
          const acknowledged = (await outcome(push)) === 'done'
          const there = await listed(process(), repository)
          expect(there).toContain('web 1.0.0')
          // What was acknowledged is there; what is there is whole, which `listed` has seen to.
          if (acknowledged || from === counted.writes()) expect(there).toContain('web 2.0.0')
          const again = await outcome(process().push(repository, pushOf('web', '2.0.0')))
          expect(again).toBe(there.includes('web 2.0.0') ? 'VERSION_EXISTS' : 'done')
          expect(await listed(process(), repository)).toEqual(['web 1.0.0', 'web 2.0.0'])
        }
      },
    )

    it('goes on in the same process when the disk has room again', async () => {
      const store = process(failingStore(blobs, { from: 2, until: 5, how: 'before' }))
      const outcomes: string[] = []
      for (let patch = 0; patch < 6; patch++)
        outcomes.push(await outcome(store.push('local', pushOf('web', `1.0.${patch}`))))
      expect(new Set(outcomes)).toEqual(new Set(['done', 'STORE_UNAVAILABLE']))
      expect(outcomes.at(-1)).toBe('done')
      const acknowledged = outcomes.flatMap((each, patch) => (each === 'done' ? [`web 1.0.${patch}`] : []))
      expect(await listed(store)).toEqual(acknowledged)
      expect(await listed(process())).toEqual(acknowledged)
    })

    it('takes a write whose answer was lost for what it is', async () => {
      const store = process(failingStore(blobs, { from: 1, until: 2, how: 'after' }))
      expect(await outcome(store.push('local', pushOf('web', '1.0.0')))).toBe('done')
      expect(await listed(process())).toEqual(['web 1.0.0'])
    })

    it('reads a snapshot and what came later, and gives the same as without one', async () => {
      const store = process()
      const versions = Array.from({ length: 300 }, (_, patch) => `1.${patch % 7}.${patch}`)
      for (const version of versions) await store.push('local', pushOf('web', version))
      await store.settle()
      expect(await keys(blobs, 'hosted/local/snapshot/')).toHaveLength(2)
      const other = process()
      const { revision, modified, charts } = await other.view('local')
      const mine = await store.view('local')
      expect({ revision, modified }).toEqual({ revision: mine.revision, modified: mine.modified })
      expect(charts.get('web')?.versions).toEqual(mine.charts.get('web')?.versions)
      time += 2 * day
      await other.collectGarbage()
      expect((await keys(blobs, 'hosted/local/log/')).length).toBeLessThan(200)
      expect((await process().view('local')).revision).toBe(revision)
      expect(await listed(process())).toEqual(versions.map((version) => `web ${version}`).sort())
      expect(warnings).toEqual([])
    }, 60_000)

    it('does not let a process that slept for days write into what was replaced meanwhile', async () => {
      const sleeper = process()
      await sleeper.push('local', pushOf('web', '0.0.1'))
      const store = process()
      for (let patch = 0; patch < 300; patch++) await store.push('local', pushOf('web', `1.0.${patch}`))
      await store.settle()
      time += 2 * day
      await process().collectGarbage()
      expect(await blobs.stat('hosted/local/log/000000000002')).toBeUndefined()
      await sleeper.push('local', pushOf('web', '2.0.0'))
      expect(await blobs.stat('hosted/local/log/000000000002')).toBeUndefined()
      expect(await listed(process())).toHaveLength(302)
      expect(await listed(sleeper)).toHaveLength(302)
    }, 60_000)

    it('collects what nobody needs after a day, and never what a version needs', async () => {
      const store = process()
      await store.push('local', pushOf('web', '1.0.0', 'gone'))
      await store.push('local', pushOf('web', '2.0.0', 'shared'))
      await store.push('other', pushOf('web', '2.0.0', 'shared'))
      await store.remove('local', { name: 'web', version: '1.0.0' })
      await store.remove('local', { name: 'web', version: '2.0.0' })
      expect(await store.collectGarbage()).toBe(0)
      time += 2 * day
      expect(await process().collectGarbage()).toBe(1)
      expect(await listed(process(), 'other')).toEqual(['web 2.0.0'])
      expect(await keys(blobs, 'pushed/')).toHaveLength(1)
      expect(await keys(blobs, 'leaving/')).toEqual([])
    })

    it('keeps bytes that are pushed again while they are collected', async () => {
      const store = process()
      await store.push('local', pushOf('web', '1.0.0', 'same'))
      await store.remove('local', { name: 'web', version: '1.0.0' })
      time += 2 * day
      // The push comes in at each step of the collection in turn.
      for (let step = 0; step < 4; step++) {
        let count = 0
        const pushed: Promise<void>[] = []
        const at = async (run: () => Promise<void>): Promise<void> => {
          if (count++ === step) await run()
        }
        const push = (): Promise<void> => process().push(`r${step}`, pushOf('web', '1.0.0', 'same'))
        const interrupted: BlobStore = {
          ...blobs,
          create: async (key, body) => {
            await at(push)
            const created = await blobs.create(key, body)
            await at(push)
            return created
          },
          delete: async (key) => {
            await at(push)
            await blobs.delete(key)
            await at(push)
          },
        }
        await process(interrupted).collectGarbage()
        await Promise.all(pushed)
        if (count <= step) await push()
        expect(await listed(process(), `r${step}`)).toEqual(['web 1.0.0'])
        await store.remove(`r${step}`, { name: 'web', version: '1.0.0' })
        time += 2 * day
      }
    })

    it('answers from memory for as long as it is told to, but never without what it was asked for by name', async () => {
      const [one, two] = [process(blobs, hour), process()]
      expect((await one.view('local')).files.size).toBe(0)
      await two.push('local', pushOf('web', '1.0.0'))
      expect((await one.view('local')).files.size).toBe(0)
      expect((await one.view('local', { fresh: true })).files.size).toBe(1)
      await two.remove('local', { name: 'web', version: '1.0.0' })
      // Refused only after a look at what is there now.
      expect(await outcome(one.push('local', pushOf('web', '1.0.0')))).toBe('done')
    })

    it('refuses a store that a newer version wrote, and touches nothing', async () => {
      await process().push('local', pushOf('web', '1.0.0'))
      await blobs.create('hosted/local/log/000000000002', Buffer.from('{"id":"x","at":0,"changes":[{"paint":"red"}]}'))
      const store = process()
      expect(await outcome(store.view('local'))).toBe('STORE_UNAVAILABLE')
      expect(await outcome(store.push('local', pushOf('web', '2.0.0')))).toBe('STORE_UNAVAILABLE')
      expect(await keys(blobs, 'hosted/')).toHaveLength(2)
    })
  })
}
