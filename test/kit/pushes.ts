// Pushes made in the test, and what a hosted store says of itself.
import { ChartferryError, type Digest, digestOf } from '@chartferry/core'
import type { BlobStore } from '@chartferry/core/transfer'
import type { HostedStore, Push } from '../../packages/server/src/hosted/hosted-store.ts'

/** A version whose archive is any bytes: the store does not read them. */
export function pushOf(name: string, version: string, bytes = `${name} ${version}`): Push {
  const archive = Buffer.from(bytes)
  const digest: Digest = digestOf(archive)
  const entry = JSON.stringify({
    created: '2026-01-01T00:00:00Z',
    name,
    urls: [`charts/${name}-${version}.tgz`],
    version,
  })
  return {
    archive: {
      version: { name, version, digest, size: archive.length, created: '2026-01-01T00:00:00Z', entry },
      bytes: archive,
    },
  }
}

/** The versions listed, as `name version`; throws unless each can be fetched whole. */
export async function listed(store: HostedStore, repository = 'local'): Promise<string[]> {
  const { files } = await store.view(repository, { fresh: true })
  const names: string[] = []
  const versions = [...files.values()]
  for (const version of versions) {
    const body = await store.archive(version).open()
    const bytes = body === undefined || Buffer.isBuffer(body) ? body : Buffer.concat(await body.toArray())
    if (bytes === undefined || digestOf(bytes) !== version.digest)
      throw new Error(`${version.name} ${version.version} is listed, but its bytes are not there`)
    names.push(`${version.name} ${version.version}`)
  }
  return names.sort()
}

/** How writing fails: before anything is written, or after it was written and only the answer is lost. */
export type WriteFailure = 'before' | 'after'

/** A store on another one whose writes fail from one on: as a full disk does, or a process that is killed. */
export function failingStore(
  store: BlobStore,
  {
    from,
    until = Number.POSITIVE_INFINITY,
    how,
  }: { readonly from: number; readonly until?: number; readonly how: WriteFailure },
): BlobStore & { readonly writes: () => number } {
  let count = 0
  const write = async <Value>(run: () => Promise<Value>): Promise<Value> => {
    const at = count++
    const fails = at >= from && at < until
    const full = new ChartferryError('STORE_UNAVAILABLE', 'data folder: write failed with ENOSPC')
    if (fails && how === 'before') throw full
    const value = await run()
    if (fails) throw full
    return value
  }
  return {
    ...store,
    put: (key, body, options) => write(() => store.put(key, body, options)),
    create: (key, body) => write(() => store.create(key, body)),
    delete: (key) => write(() => store.delete(key)),
    writes: () => count,
  }
}
