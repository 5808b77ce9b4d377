// Registries as they are: how they say that something is not there, how they fail for a moment, and what they call things.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { closesAfterEach } from '../../../../../test/kit/closing.ts'
import { errorOf } from '../../../../../test/kit/error-of.ts'
import { layerOf, pushImage, pushIndex, pushSignedIndex } from '../../../../../test/kit/images.ts'
import { type RegistryOptions, startRegistry, type TestRegistry } from '../../../../../test/kit/registry.ts'
import { openRegistries, type Registries, type RegistriesOptions } from '../../../src/oci/client/registries.ts'
import { copyImages } from '../../../src/oci/copy/copy.ts'
import type { CopyItem, CopyOptions, CopyResult } from '../../../src/oci/copy/copy-item.ts'
import { openHttpClient } from '../../../src/oci/http/http-client.ts'

const closeLater = closesAfterEach()

async function start(options: RegistryOptions = {}): Promise<TestRegistry> {
  const registry = await startRegistry(options)
  closeLater(() => registry.close())
  return registry
}

function open(options: RegistriesOptions = {}): Registries {
  const registries = openRegistries({
    openClient: (given) => openHttpClient({ environment: {}, ...given }),
    plainHttp: true,
    patience: { firstPause: 1 },
    ...options,
  })
  closeLater(() => registries.close())
  return registries
}

/** Answers with a status where the test of a request holds. */
function refuse(
  registry: TestRegistry,
  status: number,
  test: (method: string, path: string) => boolean,
  headers: Record<string, string> = {},
): void {
  registry.intercept = ({ method = '', url = '' }: IncomingMessage, response: ServerResponse) => {
    if (!test(method, url)) return false
    response.writeHead(status, headers).end()
    return true
  }
}

const isAsked = (method: string): boolean => method === 'HEAD' || method === 'GET'

async function copy(
  from: TestRegistry,
  to: TestRegistry,
  options: CopyOptions & { readonly registries?: Registries } = {},
  ...tags: readonly string[]
): Promise<CopyResult> {
  const { registries = open(), ...rest } = options
  const items = (tags.length === 0 ? ['v1'] : tags).map(
    (tag): CopyItem => ({
      source: registries.source(`${from.host}/app`),
      from: tag,
      sink: registries.repository(`${to.host}/copied`),
      tag,
    }),
  )
  return copyImages(items, rest)
}

async function withImage(registry: TestRegistry): Promise<void> {
  await pushImage(open().repository(`${registry.host}/app`), { layers: [layerOf('app', 5000)], tag: 'v1' })
}

describe('absence', () => {
  it.each([400, 401, 403, 404, 405, 501])(
    'at a target, %i for a tag that is not there is no refusal',
    async (status) => {
      const [source, target] = [await start(), await start()]
      await withImage(source)
      refuse(
        target,
        status,
        (method, path) => isAsked(method) && path.includes('/manifests/') && target.count(/PUT .*manifests/) === 0,
      )
      const { images } = await copy(source, target)
      expect(images).toHaveLength(1)
    },
  )

  it.each([400, 401, 403, 404, 405, 501])('of %i for HEAD the body is asked before it is believed', async (status) => {
    const [source, target] = [await start(), await start()]
    await withImage(source)
    refuse(source, status, (method, path) => method === 'HEAD' && path.includes('/manifests/'))
    expect((await copy(source, target)).images).toHaveLength(1)
  })

  it.each([401, 403, 405, 501])('where referrers are asked for, %i means that none are known', async (status) => {
    const [source, target] = [await start(), await start()]
    await withImage(source)
    refuse(source, status, (_method, path) => path.includes('/referrers/') || path.includes('sha256-'))
    const warnings: string[] = []
    const registries = open({ onWarning: (message) => warnings.push(message) })
    expect((await copy(source, target, { registries })).images).toHaveLength(1)
    expect(warnings).toHaveLength(status === 401 || status === 403 ? 1 : 0)
  })

  it('a tag made of a digest that gives the image itself is no list of referrers', async () => {
    const [source, target] = [await start({ referrersApi: false }), await start({ referrersApi: false })]
    const place = open().repository(`${source.host}/app`)
    const child = await pushImage(place, { layers: [layerOf('child', 500)] })
    const index = await pushIndex(place, [child], 'v1')
    await place.tag(index, index.digest.replace(':', '-'))
    await place.tag(child, child.digest.replace(':', '-'))
    refuse(source, 403, (_method, path) => path.includes('/tags/list'))
    await copy(source, target)
    expect([...(target.repositories.get('copied')?.tags.keys() ?? [])]).toEqual(['v1'])
  })
})

describe('failures that pass', () => {
  const places: Readonly<Record<string, (method: string, path: string) => boolean>> = {
    'the first ping': (_method, path) => path === '/v2/',
    'a manifest asked for': (method, path) => isAsked(method) && path.includes('/manifests/'),
    'the begin of an upload': (method) => method === 'POST',
    'a blob': (method, path) => method === 'PUT' && path.includes('/uploads/'),
    'a manifest': (method, path) => method === 'PUT' && path.includes('/manifests/'),
  }
  it.each(
    Object.keys(places).flatMap((place) =>
      [408, 429, 500, 502, 503, 504, 520].map((status) => [status, place] as const),
    ),
  )('a target answers %i for %s twice', async (status, place) => {
    const [source, target] = [await start(), await start()]
    await withImage(source)
    let left = 2
    const test = places[place]
    refuse(target, status, (...asked) => test?.(...asked) === true && left-- > 0, { 'retry-after': '0' })
    const repeats: string[] = []
    const registries = open({ onRepeat: ({ why }) => repeats.push(why) })
    expect((await copy(source, target, { registries, onRepeat: ({ why }) => repeats.push(why) })).images).toHaveLength(
      1,
    )
    if (place !== 'the first ping') expect(repeats.length).toBeGreaterThan(0)
  })

  it('are asked again as often as was said, and no more', async () => {
    const source = await start()
    await withImage(source)
    refuse(source, 503, (method) => method === 'HEAD')
    source.forget()
    const registries = open({ patience: { firstPause: 1, retries: 2 } })
    const { code } = await errorOf(registries.source(`${source.host}/app`).resolve('v1'))
    expect(code).toBe('REGISTRY_UNREACHABLE')
    expect(source.count(/HEAD/)).toBe(3)
  })

  it('end where the server wants more time than there is', async () => {
    const source = await start()
    refuse(source, 503, (method) => method === 'HEAD', { 'retry-after': '7' })
    const registries = open({ patience: { retryFor: 5000 } })
    expect((await errorOf(registries.source(`${source.host}/app`).resolve('v1'))).code).toBe('REGISTRY_UNREACHABLE')
    expect(source.count(/HEAD/)).toBe(1)
  })
})

describe('one image that is gone', () => {
  it('stops no other, and all that are gone are named at once', async () => {
    const [source, target] = [await start(), await start()]
    await withImage(source)
    const error = await errorOf(copy(source, target, {}, 'v1', 'gone', 'lost'))
    expect(error.code).toBe('MANIFEST_NOT_FOUND')
    expect(error.message).toContain('2 images were not copied')
    for (const tag of ['gone', 'lost']) expect(error.message).toContain(`:${tag}: the registry has no such image`)
    expect(error.hint).toContain('--skip-missing')
    expect(target.repositories.get('copied')?.tags.has('v1')).toBe(true)
  })

  it('is left out where that is wanted, and said to be', async () => {
    const [source, target] = [await start(), await start()]
    await withImage(source)
    const result = await copy(source, target, { skipMissing: 'all' }, 'v1', 'gone')
    expect(result.images).toHaveLength(1)
    expect(result.skipped).toMatchObject([{ code: 'MANIFEST_NOT_FOUND', isNeeded: true }])
    // Needed images are not left out with the others.
    expect((await errorOf(copy(source, target, { skipMissing: 'unneeded' }, 'gone'))).code).toBe('MANIFEST_NOT_FOUND')
  })
})

describe('a registry by another name', () => {
  it('is read in its mirrors first, then where it is, and pushed where that is said', async () => {
    const [mirror, main, push] = [await start(), await start(), await start()]
    await withImage(main)
    const signed = await pushSignedIndex(open().repository(`${mirror.host}/hub/app`), 'v2')
    const registries = open({
      settings: [
        { prefix: 'far.example', location: main.host, mirrors: [{ location: `${mirror.host}/hub` }] },
        { prefix: 'near.example', pushTo: `${push.host}/in` },
      ],
    })
    const item = (tag: string): CopyItem => ({
      source: registries.source('far.example/app'),
      from: tag,
      sink: registries.repository('near.example/app'),
      tag,
    })
    const { images } = await copyImages([item('v1'), item('v2')])
    expect(images.map(({ item: { sink } }) => sink.name)).toEqual(['near.example/app', 'near.example/app'])
    expect(images[1]).toMatchObject({ target: { digest: signed.index.digest }, referrers: 3 })
    expect([...(push.repositories.get('in/app')?.tags.keys() ?? [])]).toContain('v1')
  })

  it('that is blocked is never asked itself', async () => {
    const [mirror, main] = [await start(), await start()]
    await withImage(main)
    main.forget()
    const settings = [{ prefix: main.host, blocked: true, mirrors: [{ location: mirror.host }] }]
    const { code } = await errorOf(open({ settings }).source(`${main.host}/app`).resolve('v1'))
    expect(code).toBe('MANIFEST_NOT_FOUND')
    expect(main.requests).toEqual([])
  })
})
