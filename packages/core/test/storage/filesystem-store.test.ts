import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blobStoreSuite } from '../../../../test/suites/blob-store.ts'
import { isChartferryError } from '../../src/errors.ts'
import { openFilesystemStore } from '../../src/storage/filesystem-store.ts'

blobStoreSuite('filesystem', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-'))
  return { store: await openFilesystemStore(join(folder, 'data')), close: () => rm(folder, { recursive: true }) }
})

describe('openFilesystemStore', () => {
  it('leaves what another store of this process is writing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-'))
    const store = await openFilesystemStore(folder)
    const { promise, resolve } = Promise.withResolvers<void>()
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one ')
      await promise
      yield Buffer.from('two')
    }
    const put = store.put('a/slow', slowly())
    while ((await readdir(join(folder, '.tmp'))).length === 0) await new Promise((turn) => setImmediate(turn))
    await openFilesystemStore(folder)
    resolve()
    await put
    expect((await store.stat('a/slow'))?.size).toBe(7)
    await rm(folder, { recursive: true })
  })

  it('removes what dead processes left, and nothing of living ones or of other hosts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-'))
    const temporaries = join(folder, '.tmp')
    await mkdir(temporaries)
    const dead = `${hostname()}~4194999~a`
    const predecessor = `${hostname()}~${process.pid}~b`
    const living = `${hostname()}~${process.ppid}~c`
    const elsewhere = 'elsewhere~1~d'
    const longAgo = 'elsewhere~1~e'
    for (const name of [dead, predecessor, living, elsewhere, longAgo]) await writeFile(join(temporaries, name), 'half')
    await utimes(join(temporaries, longAgo), 1, 1)
    await openFilesystemStore(folder)
    expect((await readdir(temporaries)).sort()).toEqual([living, elsewhere].sort())
    await rm(folder, { recursive: true })
  })

  it('leaves no temporary file behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-'))
    const store = await openFilesystemStore(folder)
    await store.put('a', Buffer.from('x'))
    await store.create('a', Buffer.from('y'))
    await store.create('b', Buffer.from('y'))
    await store.put('c', Buffer.from('x'), { digest: `sha256:${'0'.repeat(64)}` }).catch(() => {})
    expect(await readdir(join(folder, '.tmp'))).toEqual([])
    await rm(folder, { recursive: true })
  })

  it('says that the folder cannot be used', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-'))
    await writeFile(join(folder, 'file'), '')
    await expect(openFilesystemStore(join(folder, 'file'))).rejects.toSatisfy((thrown) =>
      isChartferryError(thrown, 'STORE_UNAVAILABLE'),
    )
    await rm(folder, { recursive: true })
  })
})
