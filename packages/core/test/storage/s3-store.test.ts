import { describe, expect, it } from 'vitest'
import { openTestBucket, startS3 } from '../../../../test/kit/s3.ts'
import { describeWithTools } from '../../../../test/kit/tools.ts'
import { blobStoreSuite } from '../../../../test/suites/blob-store.ts'
import { digestOf } from '../../src/digest.ts'
import { isChartferryError } from '../../src/errors.ts'
import { readBlob } from '../../src/storage/blob-store.ts'
import { openS3Store } from '../../src/storage/s3-store.ts'

describeWithTools('a bucket', ['versitygw'], () => {
  blobStoreSuite('S3', openTestBucket)

  it('writes what is larger than a part, checks it whole, and lists beyond one page', async () => {
    const s3 = await startS3()
    const store = await openS3Store({ ...s3.options, prefix: 'some/.where/' })
    const piece = Buffer.alloc(1024 * 1024, 'x')
    const whole = Buffer.concat(Array<Buffer>(18).fill(piece))
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < 18; at++) yield piece
    }
    const wrong = await store.put('large', pieces(), { digest: digestOf('other') }).catch((thrown: unknown) => thrown)
    expect(isChartferryError(wrong, 'DIGEST_MISMATCH')).toBe(true)
    expect(await store.stat('large')).toBeUndefined()
    await store.put('large', pieces(), { digest: digestOf(whole) })
    expect((await readBlob(store, 'large'))?.equals(whole)).toBe(true)
    const names = Array.from({ length: 1100 }, (_, at) => `many/${String(at).padStart(5, '0')}`)
    for (let from = 0; from < names.length; from += 50)
      await Promise.all(names.slice(from, from + 50).map((name) => store.create(name, Buffer.from('x'))))
    expect(await Array.fromAsync(store.list('many/'))).toEqual(names)
    store.close()
    await s3.close()
  }, 60_000)

  it('says so when there is no such bucket, and when the service is away', async () => {
    const s3 = await startS3()
    const other = await openS3Store({ ...s3.options, bucket: 'none' })
    for (const run of [
      () => other.get('a'),
      () => other.create('a', Buffer.from('x')),
      () => Array.fromAsync(other.list('')),
    ])
      expect(isChartferryError(await run().catch((thrown: unknown) => thrown), 'STORE_UNAVAILABLE')).toBe(true)
    other.close()
    const store = await openS3Store(s3.options)
    await s3.close()
    const thrown = await store.get('a').catch((error: unknown) => error)
    expect(isChartferryError(thrown, 'STORE_UNAVAILABLE')).toBe(true)
    store.close()
  }, 30_000)
})

describe('openS3Store', () => {
  it('reaches nobody before it is asked', async () => {
    const store = await openS3Store({ bucket: 'b', endpoint: 'http://127.0.0.1:1', region: 'x' })
    store.close()
  })
})
