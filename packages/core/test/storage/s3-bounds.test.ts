import type { RequestListener } from 'node:http'
import { describe, expect, it } from 'vitest'
import { closesAfterEach } from '../../../../test/kit/closing.ts'
import { listen } from '../../../../test/kit/listen.ts'
import { isChartferryError } from '../../src/errors.ts'
import type { BlobStore } from '../../src/storage/blob-store.ts'
import { openS3Store } from '../../src/storage/s3-store.ts'

const closeLater = closesAfterEach()

/** A store on a service that answers as it is told. */
async function open(
  answer: RequestListener,
  timeout?: number,
): Promise<{ readonly store: BlobStore; readonly asked: string[] }> {
  const asked: string[] = []
  const server = await listen((request, response) => {
    asked.push(request.method ?? '')
    request.resume()
    request.once('end', () => answer(request, response))
  })
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const store = await openS3Store({ bucket: 'b', region: 'x', endpoint: server.url, credentials, timeout })
  closeLater(async () => {
    store.close()
    await server.close()
  })
  return { store, asked }
}

const outcomeOf = (run: Promise<unknown>): Promise<unknown> => run.catch((thrown: unknown) => thrown)

const conflict: RequestListener = (_request, response) => {
  response.writeHead(409, { 'content-type': 'application/xml' })
  response.end('<Error><Code>ConditionalRequestConflict</Code></Error>')
}

describe('a bucket whose service', () => {
  it('answers for ever that others are writing is asked a few times, and then given up', async () => {
    const { store, asked } = await open(conflict)
    const thrown = await outcomeOf(store.create('a', Buffer.from('x')))
    expect(isChartferryError(thrown, 'STORE_UNAVAILABLE')).toBe(true)
    expect(asked.length).toBeGreaterThan(1)
    expect(asked.length).toBeLessThan(10)
  })

  it('answers so twice gets the object by the third try', async () => {
    const { store, asked } = await open((request, response) => {
      if (asked.length < 3) conflict(request, response)
      else response.end()
    })
    expect(await store.create('a', Buffer.from('x'))).toBe(true)
    expect(asked).toHaveLength(3)
  })

  it.each<[string, (store: BlobStore) => Promise<unknown>]>([
    ['stat', (store) => store.stat('a')],
    ['get', (store) => store.get('a')],
    ['put', (store) => store.put('a', Buffer.from('x'))],
    ['create', (store) => store.create('a', Buffer.from('x'))],
    ['delete', (store) => store.delete('a')],
    ['list', (store) => Array.fromAsync(store.list(''))],
  ])('says nothing is waited for as long as was said: %s', async (_name, run) => {
    const { store } = await open(() => {}, 100)
    expect(await outcomeOf(run(store))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it('stops in the middle of an object breaks the reading off', async () => {
    const { store } = await open((_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half')
    }, 3000)
    const blob = await store.get('a')
    expect(await outcomeOf(blob?.body.toArray() ?? Promise.resolve())).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it('is slower than its reader wants is no fault while pieces come', async () => {
    const { store } = await open((_request, response) => {
      response.writeHead(200, { 'content-length': '30' })
      const more = (left: number): void => {
        if (left === 0) response.end()
        else response.write('0123456789', () => setTimeout(more, 60, left - 1))
      }
      more(3)
    }, 5000)
    const blob = await store.get('a')
    expect(Buffer.concat((await blob?.body.toArray()) ?? [])).toHaveLength(30)
  })

  it('gives the same page again and again is not listed for ever', async () => {
    const page =
      '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>'
    const { store } = await open((_request, response) => response.end(page))
    expect(await outcomeOf(Array.fromAsync(store.list('')))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
