import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { closesAfterEach } from '../../../../../test/kit/closing.ts'
import { errorOf } from '../../../../../test/kit/error-of.ts'
import { describeBytes, noise, pushImage, pushIndex, pushSignedIndex } from '../../../../../test/kit/images.ts'
import { type RegistryOptions, startRegistry, type TestRegistry } from '../../../../../test/kit/registry.ts'
import { digestHex, digestOf } from '../../../src/digest.ts'
import { openRegistries, type Registries, type RegistriesOptions } from '../../../src/oci/client/registries.ts'
import type { ContentRepository } from '../../../src/oci/content/content.ts'
import { parsePublicKey, verifySignature } from '../../../src/oci/content/cosign.ts'
import { type Descriptor, mediaTypes } from '../../../src/oci/content/descriptor.ts'
import { openMemoryContent } from '../../../src/oci/content/memory.ts'
import { originalDigestKey } from '../../../src/oci/content/platforms.ts'
import { readManifest } from '../../../src/oci/content/read-content.ts'
import { copyImages } from '../../../src/oci/copy/copy.ts'
import type { CopyItem, CopyOptions, CopyResult } from '../../../src/oci/copy/copy-item.ts'
import { copyGated } from '../../../src/oci/copy/gated-copy.ts'
import { openJournal } from '../../../src/oci/copy/journal.ts'

const closeLater = closesAfterEach()

async function start(options: RegistryOptions = {}): Promise<TestRegistry> {
  const registry = await startRegistry(options)
  closeLater(() => registry.close())
  return registry
}

function open(options: RegistriesOptions = {}): Registries {
  const registries = openRegistries(options)
  closeLater(() => registries.close())
  return registries
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'chartferry-copy-'))
  closeLater(() => rm(path, { recursive: true, force: true }))
  return path
}

async function digests(items: AsyncIterable<Descriptor>): Promise<string[]> {
  const found: string[] = []
  for await (const { digest } of items) found.push(digest)
  return found.sort()
}

/** Two registries and a client; `copy` copies `app:v1` from one to the other. */
async function setUp(
  from: RegistryOptions = {},
  to: RegistryOptions = {},
  options: RegistriesOptions = {},
): Promise<{
  readonly source: TestRegistry
  readonly target: TestRegistry
  readonly registries: Registries
  readonly item: (name?: string, tag?: string) => CopyItem & { readonly source: ContentRepository }
  readonly copy: (copyOptions?: CopyOptions) => Promise<CopyResult>
}> {
  const [source, target] = [await start(from), await start(to)]
  const registries = open(options)
  const item = (name = 'app', tag = 'v1'): CopyItem & { readonly source: ContentRepository } => ({
    source: registries.repository(`${source.host}/${name}`),
    from: tag,
    sink: registries.repository(`${target.host}/mirror/${name}`),
    tag,
  })
  return { source, target, registries, item, copy: (copyOptions) => copyImages([item()], copyOptions) }
}

const large = noise('large', 6 << 20)

describe('copyImages', () => {
  const kinds: readonly (readonly [string, RegistryOptions, RegistryOptions])[] = [
    ['from a registry that lists referrers to one that does', {}, {}],
    ['from a registry that lists referrers to one that does not', {}, { referrersApi: false }],
    ['from a registry that does not list referrers to one that does', { referrersApi: false }, {}],
    ['between registries that do not list referrers', { referrersApi: false }, { referrersApi: false }],
  ]
  it.each(kinds)('keeps every digest, signature and referrer %s', async (_name, from, to) => {
    const { target, item, copy } = await setUp(from, to)
    const { index, children, attestation, signature, sbom, sbomSignature } = await pushSignedIndex(item().source, 'v1')
    const { images } = await copy()
    expect(images).toMatchObject([{ source: index, target: index, present: false, referrers: 3 }])
    const there = target.repositories.get('mirror/app')
    const all = [index, ...children, attestation, signature, sbom, sbomSignature].map(({ digest }) => digest)
    expect(all.filter((digest) => !there?.manifests.has(digest))).toEqual([])
    for (const [digest, { bytes }] of there?.manifests ?? []) expect(digestOf(bytes)).toBe(digest)
    expect(there?.tags.get('v1')).toBe(index.digest)
    expect(there?.tags.get(`sha256-${digestHex(index.digest)}.sig`)).toBe(signature.digest)
    // Another client, which knows nothing of this copy, finds them.
    const fresh = open().repository(`${target.host}/mirror/app`)
    expect(await digests(fresh.referrers(index))).toEqual([sbom.digest])
    expect(await digests(fresh.referrers(sbom))).toEqual([sbomSignature.digest])
  })

  it('sends each blob once, and mounts it in the other repositories', async () => {
    const { source, target, item } = await setUp()
    const shared = noise('shared', 100_000)
    const names = Array.from({ length: 10 }, (_, number) => `app${number}`)
    for (const name of names) await pushImage(item(name).source, { layers: [shared, noise(name, 1000)], tag: 'v1' })
    source.forget()
    const { bytes } = await copyImages(names.map((name) => item(name)))
    expect(target.traffic.in).toBe(bytes.sent)
    expect(source.traffic.out).toBe(bytes.fetched)
    expect(bytes.mounted).toBe(9 * shared.length)
    expect(bytes.sent).toBeLessThan(shared.length + 10 * 2000)
    for (const name of names) expect(target.repositories.get(`mirror/${name}`)?.tags.has('v1')).toBe(true)
  })

  it('sends a blob again where the registry does not mount', async () => {
    const { target, item } = await setUp({}, { mounts: false })
    for (const name of ['a', 'b']) await pushImage(item(name).source, { layers: [noise('shared', 5000)], tag: 'v1' })
    await copyImages([item('a'), item('b')])
    for (const name of ['a', 'b']) expect(target.repositories.get(`mirror/${name}`)?.tags.has('v1')).toBe(true)
  })

  it('mounts within one registry without fetching anything', async () => {
    const source = await start()
    const registries = open()
    const from = registries.repository(`${source.host}/a`)
    await pushImage(from, { layers: [large], tag: 'v1' })
    source.forget()
    await copyImages([{ source: from, from: 'v1', sink: registries.repository(`${source.host}/b`), tag: 'v2' }])
    expect(source.traffic).toEqual({ out: 0, in: 0 })
    expect(source.repositories.get('b')?.tags.get('v2')).toBe(source.repositories.get('a')?.tags.get('v1'))
  })

  it('asks little, and sends nothing, where all is there', async () => {
    const { source, target, item, copy } = await setUp()
    await pushSignedIndex(item().source, 'v1')
    await copy()
    source.forget()
    target.forget()
    const { images, bytes } = await copyImages([item()])
    expect(images[0]?.present).toBe(true)
    expect(bytes).toEqual({ fetched: 0, sent: 0, mounted: 0, present: 0 })
    expect(target.count(/^(PUT|POST|PATCH|DELETE)/)).toBe(0)
  })

  it('brings what was added to an image since: a signature, a referrer', async () => {
    const { target, item, copy } = await setUp()
    const { source } = item()
    const image = await pushImage(source, { layers: [noise('x', 10)], tag: 'v1' })
    await copy()
    const late = await pushImage(source, { layers: [], artifactType: 'application/x', subject: image })
    const signature = await pushImage(source, { layers: [], tag: `sha256-${digestHex(image.digest)}.sig` })
    const { images } = await copyImages([item()])
    expect(images[0]).toMatchObject({ present: true, referrers: 2 })
    expect(target.repositories.get('mirror/app')?.manifests.has(late.digest)).toBe(true)
    expect(target.repositories.get('mirror/app')?.tags.get(`sha256-${digestHex(image.digest)}.sig`)).toBe(
      signature.digest,
    )
  })

  it('looks for the manifests of an index that is there without them', async () => {
    const { target, item, copy } = await setUp()
    const { children } = await pushSignedIndex(item().source, 'v1')
    await copy()
    const lost = children[2]?.digest ?? ''
    target.repositories.get('mirror/app')?.manifests.delete(lost)
    await copyImages([item()])
    expect(target.repositories.get('mirror/app')?.manifests.has(lost)).toBe(true)
  })

  it('moves a tag that stands for something else', async () => {
    const { target, item, copy } = await setUp()
    await pushImage(item().source, { layers: [noise('1', 10)], tag: 'v1' })
    await copy()
    const newer = await pushImage(item().source, { layers: [noise('2', 10)], tag: 'v1' })
    await copyImages([item()])
    expect(target.repositories.get('mirror/app')?.tags.get('v1')).toBe(newer.digest)
  })

  it('leaves platforms out when it is told to, and says that the digest changed', async () => {
    const { target, item, copy } = await setUp()
    const { index, children, attestation } = await pushSignedIndex(item().source, 'v1')
    const warnings: string[] = []
    const { images } = await copy({
      platforms: [{ os: 'linux', architecture: 'amd64' }],
      onWarning: (message) => warnings.push(message),
    })
    const there = target.repositories.get('mirror/app')
    const made = images[0]?.target.digest ?? ''
    expect(made).not.toBe(index.digest)
    expect(warnings.join()).toContain(made)
    expect(there?.tags.get('v1')).toBe(made)
    const document = JSON.parse(there?.manifests.get(made)?.bytes.toString() ?? '') as {
      manifests: { digest: string }[]
      annotations: object
    }
    expect(document.manifests.map(({ digest }) => digest)).toEqual([children[0]?.digest, attestation.digest])
    expect(document.annotations).toEqual({ [originalDigestKey]: index.digest })
    expect(there?.manifests.has(children[1]?.digest ?? '')).toBe(false)
  })

  it('refuses platforms that the index does not have, and names those it has', async () => {
    const { item, copy } = await setUp()
    await pushSignedIndex(item().source, 'v1')
    const error = await errorOf(copy({ platforms: [{ os: 'windows', architecture: 'amd64' }] }))
    expect(error).toMatchObject({ code: 'MANIFEST_NOT_FOUND' })
    expect(error.message).toContain('linux/riscv64')
  })

  it('proves that it may push everywhere before the first byte', async () => {
    const { source, target, item } = await setUp({}, { mustExist: 'ecr' })
    target.repositories.set('mirror/a', { manifests: new Map(), tags: new Map(), blobs: new Set() })
    for (const name of ['a', 'b']) await pushImage(item(name).source, { layers: [noise(name, 10)], tag: 'v1' })
    source.forget()
    const error = await errorOf(copyImages([item('a'), item('b')]))
    expect(error).toMatchObject({ code: 'TARGET_MISSING', details: { side: 'target', repository: 'mirror/b' } })
    expect(source.traffic.out).toBe(0)
    expect(target.traffic.in).toBe(0)
  })

  it('creates repositories by the hook, once each', async () => {
    const [source, target] = [await start(), await start({ mustExist: 'harbor' })]
    const created: string[] = []
    const registries = open({
      createRepository: async ({ repository }) => {
        created.push(repository)
        target.repositories.set(repository, { manifests: new Map(), tags: new Map(), blobs: new Set() })
      },
    })
    const from = registries.repository(`${source.host}/app`)
    await pushImage(from, { layers: [noise('a', 10)], tag: 'v1' })
    await copyImages([{ source: from, from: 'v1', sink: registries.repository(`${target.host}/new/app`), tag: 'v1' }])
    expect(created).toEqual(['new/app'])
    expect(target.repositories.get('new/app')?.tags.has('v1')).toBe(true)
  })

  it('leaves no upload open behind', async () => {
    const { target, registries, item } = await setUp()
    await pushImage(item().source, { layers: [], tag: 'v1' })
    const config = await readManifest(item().source, await item().source.resolve('v1'))
    await item().sink.push(
      config.manifest.config as Descriptor,
      Buffer.from(
        JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [] } }),
      ),
    )
    await copyImages([item()])
    await registries.close()
    expect(target.count(/^DELETE .*\/blobs\/uploads\//)).toBe(1)
  })

  it('says that a tag may not change', async () => {
    const { target, item, copy } = await setUp({}, { immutableTags: true })
    await pushImage(item().source, { layers: [noise('1', 10)], tag: 'v1' })
    await copy()
    const before = target.repositories.get('mirror/app')?.tags.get('v1')
    await pushImage(item().source, { layers: [noise('2', 10)], tag: 'v1' })
    expect(await errorOf(copyImages([item()]))).toMatchObject({ code: 'TAG_IMMUTABLE', details: { side: 'target' } })
    expect(target.repositories.get('mirror/app')?.tags.get('v1')).toBe(before)
  })

  it('skips what may be missing, and says so', async () => {
    const { item } = await setUp()
    const warnings: string[] = []
    const { images } = await copyImages([{ ...item(), optional: true }], {
      onWarning: (message) => warnings.push(message),
    })
    expect(images).toEqual([])
    expect(warnings[0]).toContain('left out: source')
    expect(await errorOf(copyImages([item()]))).toMatchObject({
      code: 'MANIFEST_NOT_FOUND',
      details: { side: 'source' },
    })
  })

  it('leaves layers that may not be distributed where they are', async () => {
    const { target, item, copy } = await setUp()
    const layerType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'
    await pushImage(item().source, { layers: [noise('windows', 10)], layerType, tag: 'v1' })
    const blob = digestOf(noise('windows', 10))
    await errorOf(copy())
    expect(target.repositories.get('mirror/app')?.blobs.has(blob)).toBe(false)
    await copyImages([item()], { foreignLayers: true })
    expect(target.repositories.get('mirror/app')?.blobs.has(blob)).toBe(true)
  })

  it('reports progress that ends at the whole', async () => {
    const { item, copy } = await setUp()
    await pushImage(item().source, { layers: [large, noise('x', 10)], tag: 'v1' })
    const seen: { done: number; total: number }[] = []
    await copy({ onProgress: ({ bytes }) => seen.push({ ...bytes }) })
    const last = seen.at(-1)
    expect(last?.done).toBe(last?.total)
    expect(last?.total).toBeGreaterThan(large.length)
  })

  it('copies an index inside an index, and blobs that an index names', async () => {
    const { target, item, copy } = await setUp()
    const place = item().source
    const image = await pushImage(place, { layers: [noise('a', 10)] })
    const inner = await pushIndex(place, [image])
    const cache = describeBytes('application/vnd.oci.image.layer.v1.tar+gzip', noise('cache', 10))
    await item().source.push(cache, noise('cache', 10))
    const outer = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [inner] }
    const bytes = Buffer.from(JSON.stringify(outer))
    await item().source.push(describeBytes(mediaTypes.index, bytes), bytes, { tag: 'v1' })
    await copy()
    expect(target.repositories.get('mirror/app')?.manifests.has(image.digest)).toBe(true)
  })
})

describe('copyImages with a journal', () => {
  it('goes on inside a blob where a run was cut, and fetches no finished blob again', async () => {
    const { source, target, item } = await setUp()
    await pushImage(item().source, { layers: [large, noise('second', 5 << 20)], tag: 'v1' })
    const path = await folder()
    const blob = digestOf(large)
    source.forget()
    // The first run gets half of the large layer before its source goes away for good.
    let isCut = false
    source.intercept = (request, response) => {
      if (request.method !== 'GET' || request.url?.includes(digestHex(blob)) !== true) return false
      if (isCut) response.writeHead(503).end()
      else
        response
          .writeHead(200, { 'content-length': large.length })
          .write(large.subarray(0, 3 << 20), () => response.socket?.destroySoon())
      isCut = true
      return true
    }
    const first = await openJournal(path)
    const error = await errorOf(copyImages([item()], { journal: first, transfers: 1 }))
    expect(error).toMatchObject({ code: 'REGISTRY_UNREACHABLE', details: { side: 'source' } })
    await first.close({ done: false })
    expect(await readdir(join(path, 'staging'))).toHaveLength(1)
    source.intercept = undefined
    source.forget()
    const second = await openJournal(path)
    const { bytes } = await copyImages([item()], { journal: second })
    await second.close({ done: true })
    const range = source.requests.find(({ headers }) => headers.range !== undefined)?.headers.range
    expect(Number(/bytes=(\d+)-/.exec(range ?? '')?.[1])).toBeGreaterThan(0)
    expect(bytes.fetched).toBeLessThan(large.length + (5 << 20))
    expect(target.repositories.get('mirror/app')?.tags.has('v1')).toBe(true)
    expect(await readdir(path).catch(() => [])).toEqual([])
  }, 30_000)

  it('does not believe what is staged: spoilt bytes are fetched anew', async () => {
    const { target, item } = await setUp()
    await pushImage(item().source, { layers: [large], tag: 'v1' })
    const path = await folder()
    const journal = await openJournal(path)
    await writeFile(join(path, 'staging', `${digestHex(digestOf(large))}.partial`), noise('rubbish', 1 << 20))
    await copyImages([item()], { journal })
    await journal.close({ done: true })
    expect(target.repositories.get('mirror/app')?.blobs.has(digestOf(large))).toBe(true)
  })

  it.runIf(process.platform === 'linux')(
    'says that the disk is full, at once, and leaves the target usable',
    async () => {
      const { source, target, item } = await setUp()
      await pushImage(item().source, { layers: [large], tag: 'v1' })
      const path = await folder()
      const journal = await openJournal(path)
      const staged = join(path, 'staging', `${digestHex(digestOf(large))}.partial`)
      await symlink('/dev/full', staged)
      source.forget()
      const error = await errorOf(copyImages([item()], { journal }))
      expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
      expect(error.message).toContain('no space left')
      expect(error.hint).toContain('--journal')
      expect(source.count(new RegExp(`GET .*${digestHex(digestOf(large))}`))).toBe(1)
      expect(target.repositories.get('mirror/app')?.tags.size).toBe(0)
      await rm(staged)
      await copyImages([item()], { journal })
      await journal.close({ done: true })
      expect(target.repositories.get('mirror/app')?.tags.has('v1')).toBe(true)
    },
  )

  it('knows after a crash from where a blob can be mounted', async () => {
    const { source, target, item } = await setUp()
    for (const name of ['a', 'b']) await pushImage(item(name).source, { layers: [large], tag: 'v1' })
    const path = await folder()
    const first = await openJournal(path)
    await copyImages([item('a')], { journal: first })
    await first.close({ done: false })
    source.forget()
    const second = await openJournal(path)
    const { bytes } = await copyImages([item('b')], { journal: second })
    await second.close({ done: true })
    expect(bytes.mounted).toBeGreaterThanOrEqual(large.length)
    expect(source.traffic.out).toBe(0)
    expect(target.repositories.get('mirror/b')?.tags.has('v1')).toBe(true)
  })

  it('refuses a second process with the same journal', async () => {
    const path = await folder()
    await writeFile(join(path, 'lock'), String(process.ppid))
    expect(await errorOf(openJournal(path))).toMatchObject({ code: 'COPY_RUNNING' })
    await writeFile(join(path, 'lock'), '999999999')
    await (await openJournal(path)).close({ done: true })
  })
})

describe('copyGated', () => {
  it('pushes an image after the gate has seen its layout, and fetches each blob once', async () => {
    const { source, target, item } = await setUp()
    for (const name of ['a', 'b']) await pushSignedIndex(item(name).source, 'v1', { shared: noise('shared', 50_000) })
    source.forget()
    const seen: string[][] = []
    const { images, bytes } = await copyGated([item('a'), item('b')], {
      folder: await folder(),
      gate: async (layout) => {
        if (seen.length === 0) expect(target.traffic.in).toBe(0)
        seen.push((await readdir(layout)).sort())
      },
    })
    expect(seen).toEqual([
      ['blobs', 'index.json', 'oci-layout'],
      ['blobs', 'index.json', 'oci-layout'],
    ])
    expect(images.map(({ referrers }) => referrers)).toEqual([3, 3])
    expect(source.traffic.out).toBe(bytes.fetched)
    for (const image of images)
      expect(target.repositories.get(image.item.sink.repository)?.tags.get('v1')).toBe(image.source.digest)
  })

  it('pushes nothing of an image that the gate refuses', async () => {
    const { target, item } = await setUp()
    await pushImage(item().source, { layers: [noise('bad', 10)], tag: 'v1' })
    const refusing = copyGated([item()], {
      folder: await folder(),
      gate: async () => {
        throw new Error('refused')
      },
    })
    await expect(refusing).rejects.toThrow('refused')
    expect(target.count(/^PUT/)).toBe(0)
  })
})

describe('verifySignature', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = parsePublicKey(publicKey.export({ type: 'spki', format: 'pem' }).toString(), 'key')

  async function signedImage(
    of?: string,
  ): Promise<{ readonly place: ReturnType<typeof openMemoryContent>; readonly image: Descriptor }> {
    const place = openMemoryContent()
    const image = await pushImage(place, { layers: [noise('x', 10)], tag: 'v1' })
    const payload = Buffer.from(
      JSON.stringify({
        critical: {
          identity: {},
          image: { 'docker-manifest-digest': of ?? image.digest },
          type: 'cosign container image signature',
        },
      }),
    )
    await pushImage(place, {
      layers: [payload],
      layerType: 'application/vnd.dev.cosign.simplesigning.v1+json',
      layerAnnotations: {
        'dev.cosignproject.cosign/signature': sign('sha256', payload, privateKey).toString('base64'),
      },
      tag: `sha256-${digestHex(image.digest)}.sig`,
    })
    return { place, image }
  }

  it('believes a signature of the key for this digest', async () => {
    const { place, image } = await signedImage()
    await verifySignature(place, image, key)
  })

  it('refuses no signature, one of another key, and one for another digest', async () => {
    const { place, image } = await signedImage()
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    expect(await errorOf(verifySignature(place, image, other))).toMatchObject({ code: 'SIGNATURE_INVALID' })
    const elsewhere = await signedImage(digestOf('something else'))
    expect(await errorOf(verifySignature(elsewhere.place, elsewhere.image, key))).toMatchObject({
      code: 'SIGNATURE_INVALID',
    })
    const unsigned = openMemoryContent()
    expect(await errorOf(verifySignature(unsigned, await pushImage(unsigned, { layers: [] }), key))).toMatchObject({
      code: 'SIGNATURE_INVALID',
    })
    expect((await errorOf(Promise.resolve().then(() => parsePublicKey('no key', 'cosign.pub')))).code).toBe(
      'CONFIG_INVALID',
    )
  })

  const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json'

  /** An image with a bundle as cosign 3 attaches it. */
  async function bundledImage(
    place: ContentRepository,
    {
      of,
      predicateType = 'https://sigstore.dev/cosign/sign/v1',
      payloadType = 'application/vnd.in-toto+json',
    }: {
      readonly of?: string
      readonly predicateType?: string
      readonly payloadType?: string
    } = {},
  ): Promise<Descriptor> {
    const image = await pushImage(place, { layers: [noise('x', 10)], tag: 'v1' })
    const statement = Buffer.from(
      JSON.stringify({
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ digest: { sha256: of ?? digestHex(image.digest) } }],
        predicateType,
        predicate: {},
      }),
    )
    const signed = Buffer.concat([
      Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${statement.length} `),
      statement,
    ])
    const bundle = {
      mediaType: bundleType,
      verificationMaterial: { publicKey: { hint: 'hint' } },
      dsseEnvelope: {
        payload: statement.toString('base64'),
        payloadType,
        signatures: [{ sig: sign('sha256', signed, privateKey).toString('base64') }],
      },
    }
    const referrer = await pushImage(place, {
      layers: [Buffer.from(JSON.stringify(bundle))],
      layerType: bundleType,
      artifactType: bundleType,
      subject: image,
    })
    await place.attach(image, [{ ...referrer, artifactType: bundleType }])
    return image
  }

  it.each([true, false])(
    'believes a bundle of cosign 3, whether the registry lists referrers: %s',
    async (referrersApi) => {
      const { item } = await setUp({ referrersApi })
      const image = await bundledImage(item().source)
      await verifySignature(item().source, image, key)
      const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
      const refused = await errorOf(verifySignature(item().source, image, other))
      expect(refused).toMatchObject({ code: 'SIGNATURE_INVALID', message: expect.stringContaining('with the key') })
    },
  )

  it('believes a bundle that cosign 3.1.3 made', async () => {
    // cosign sign --key cosign.key --tlog-upload=false --use-signing-config=false
    const signer = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEzUkljU47FQxTQmfb0atBQaNjmYL0
Cx8a+SfwzGRc1vZ5G6/vouJcKlKI/mnxOYPGMW/krc75UdCvT5DegJkL1w==
-----END PUBLIC KEY-----`
    const image: Descriptor = {
      mediaType: mediaTypes.dockerManifest,
      digest: 'sha256:16b1eb655421ae7efba903663b705c9a52b9525fdab260564029337a7217c5f2',
      size: 423,
    }
    const bundle = {
      mediaType: bundleType,
      verificationMaterial: { publicKey: { hint: 'xqqDckT57HdMGCcm6BLA9E1/7xL3zqsCqbsvHe3Ixw0=' } },
      dsseEnvelope: {
        payload:
          'eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCAic3ViamVjdCI6W3siZGlnZXN0Ijp7InNoYTI1NiI6IjE2YjFlYjY1NTQyMWFlN2VmYmE5MDM2NjNiNzA1YzlhNTJiOTUyNWZkYWIyNjA1NjQwMjkzMzdhNzIxN2M1ZjIifSwgImFubm90YXRpb25zIjp7fX1dLCAicHJlZGljYXRlVHlwZSI6Imh0dHBzOi8vc2lnc3RvcmUuZGV2L2Nvc2lnbi9zaWduL3YxIiwgInByZWRpY2F0ZSI6e319',
        payloadType: 'application/vnd.in-toto+json',
        signatures: [
          {
            sig: 'MEUCIQDt8kGxUFmIJkIwugi5tp5ow98i9yShzv2O14irmUhvRwIgdb2vMGju3Ggd9BKDPV7S2E6yRJ+w5kK+WQObgEBpE4A=',
          },
        ],
      },
    }
    const place = openMemoryContent()
    const layers = [Buffer.from(JSON.stringify(bundle))]
    await pushImage(place, { layers, layerType: bundleType, artifactType: bundleType, subject: image })
    await verifySignature(place, image, parsePublicKey(signer, 'cosign.pub'))
    expect(await errorOf(verifySignature(place, image, key))).toMatchObject({ code: 'SIGNATURE_INVALID' })
  })

  it.each([
    ['speaks of another image', { of: '0'.repeat(64) }],
    ['attests something', { predicateType: 'https://cosign.sigstore.dev/attestation/vuln/v1' }],
    ['is of another kind', { payloadType: 'text/plain' }],
  ])('refuses a bundle of the key that %s', async (_title, how) => {
    const place = openMemoryContent()
    const image = await bundledImage(place, how)
    expect(await errorOf(verifySignature(place, image, key))).toMatchObject({ code: 'SIGNATURE_INVALID' })
  })

  it('stops a copy before anything is pushed', async () => {
    const { target, item, copy } = await setUp()
    await pushImage(item().source, { layers: [noise('x', 10)], tag: 'v1' })
    const approve: CopyOptions['approve'] = ({ source }, descriptor) => verifySignature(source, descriptor, key)
    expect(await errorOf(copy({ approve }))).toMatchObject({ code: 'SIGNATURE_INVALID' })
    expect(target.count(/^(POST|PUT)/)).toBe(0)
  })
})
