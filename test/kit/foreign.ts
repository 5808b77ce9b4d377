// Bundles as dt and hauler make them, file by file, built in the test.
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { digestOf } from '../../packages/core/src/digest.ts'
import type { ChartArchive } from '../../packages/core/src/helm/chart/chart.ts'
import type { ContentSink } from '../../packages/core/src/oci/content/content.ts'
import { type Descriptor, mediaTypes } from '../../packages/core/src/oci/content/descriptor.ts'
import { chartArtifact } from '../../packages/core/src/transfer/chart-artifact.ts'
import { buildTar, type TarEntry } from './charts.ts'

/** A place that remembers what is pushed to it. */
export interface Recording extends ContentSink {
  readonly contents: Map<string, Buffer>
}

/** Opens an empty place. */
export function openRecording(): Recording {
  const contents = new Map<string, Buffer>()
  return {
    contents,
    has: async ({ digest }) => contents.has(digest),
    async push({ digest }, body) {
      const pieces: Uint8Array[] = []
      for await (const piece of body instanceof Uint8Array ? [body] : body) pieces.push(piece)
      contents.set(digest, Buffer.concat(pieces))
    },
    tag: async () => {},
    attach: async () => {},
  }
}

const json = (value: unknown): string => JSON.stringify(value)
const layoutFile = '{"imageLayoutVersion":"1.0.0"}'
const indexOf = (manifests: readonly object[]): string =>
  json({ schemaVersion: 2, mediaType: mediaTypes.index, manifests })

/** An entry of a haul's index.json. */
export interface HaulItem {
  readonly descriptor: Descriptor
  readonly annotations: Readonly<Record<string, string>>
}

/** An image of a haul, or what belongs to one. */
export function haulImage(name: string, descriptor: Descriptor, kind = 'image', written = name): HaulItem {
  return {
    descriptor,
    annotations: {
      kind: `dev.hauler/${kind}`,
      'hauler.dev/original-ref': name,
      'io.containerd.image.name': written,
      'org.opencontainers.image.ref.name': written.slice(written.indexOf('/') + 1),
    },
  }
}

async function pushArtifact(
  place: Recording,
  name: string,
  blobs: readonly { readonly descriptor: Descriptor; readonly bytes: Uint8Array }[],
  manifest: Uint8Array,
): Promise<HaulItem> {
  for (const { descriptor, bytes } of blobs) await place.push(descriptor, bytes)
  const descriptor = { mediaType: mediaTypes.manifest, digest: digestOf(manifest), size: manifest.length }
  await place.push(descriptor, manifest)
  const ref = `hauler/${name}`
  return { descriptor, annotations: { kind: 'dev.hauler/image', 'org.opencontainers.image.ref.name': ref } }
}

/** A chart of a haul. */
export async function haulChart(place: Recording, archive: ChartArchive): Promise<HaulItem> {
  const { manifest, blobs, tag } = chartArtifact(archive)
  return pushArtifact(place, `${archive.chart.metadata.name}:${tag}`, blobs, manifest.bytes)
}

/** A file of a haul. */
export async function haulFile(place: Recording, name: string, text: string): Promise<HaulItem> {
  const part = (mediaType: string, content: string) => {
    const bytes = Buffer.from(content)
    return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes }
  }
  const config = part('application/vnd.content.hauler.file.local.config.v1+json', '{}')
  const layer = part('application/vnd.content.hauler.file.layer.v1', text)
  const titled = { ...layer.descriptor, annotations: { 'org.opencontainers.image.title': name } }
  const manifest = Buffer.from(json({ schemaVersion: 2, config: config.descriptor, layers: [titled] }))
  return pushArtifact(place, `${name}:latest`, [config, layer], manifest)
}

/** The bytes of a haul, as `hauler store save` packs its store. */
export function packHaul(place: Recording, items: readonly HaulItem[]): Buffer {
  const index = indexOf(items.map(({ descriptor, annotations }) => ({ ...descriptor, annotations })))
  const entries: TarEntry[] = [
    { name: 'audit.log', data: '{}\n' },
    { name: 'blobs', type: '5' },
    ...[...place.contents].map(([digest, data]) => ({ name: `blobs/sha256/${digest.slice(7)}`, data })),
    { name: 'index.json', data: index },
    { name: 'manifest.json', data: '[]' },
    { name: 'oci-layout', data: layoutFile },
  ]
  return zstdCompressSync(buildTar(entries))
}

/** An image of a wrap: its name and the manifest of each platform. */
export interface WrappedImage {
  readonly image: string
  readonly manifests: Readonly<Record<string, Descriptor>>
}

export interface WrapSpec {
  /** `name-version`. */
  readonly top: string
  /** Files of the chart by their path in it; without any it is a wrap of images alone. */
  readonly chart: Readonly<Record<string, string>>
  readonly images: readonly WrappedImage[]
  /** Signatures by the path that dt gives them below `artifacts/images`. Default: none. */
  readonly signatures?: Readonly<Record<string, Descriptor>>
}

/** The bytes of a wrap, as `dt wrap --fetch-artifacts` packs it. */
export function packWrap(place: Recording, { top, chart, images, signatures = {} }: WrapSpec): Buffer {
  const lock = [
    'apiVersion: v0',
    'kind: ImagesLock',
    'images:',
    ...images.flatMap(({ image, manifests }) => [
      '  - name: main',
      `    image: ${image}`,
      `    chart: ${top}`,
      '    digests:',
      ...Object.entries(manifests).map(([arch, { digest }]) => `      - digest: ${digest}\n        arch: ${arch}`),
    ]),
    '',
  ].join('\n')
  const hasChart = Object.keys(chart).length > 0
  const entries: TarEntry[] = [
    ...Object.entries(signatures).flatMap(([path, descriptor]) =>
      layoutEntries(place, `${top}/artifacts/images/${path}`, descriptor),
    ),
    ...Object.entries(chart).map(([path, data]) => ({ name: `${top}/chart/${path}`, data, mtime: 1000 })),
    { name: hasChart ? `${top}/chart/Images.lock` : `${top}/Images.lock`, data: lock, mtime: 1000 },
    ...images.flatMap(({ manifests }) =>
      Object.values(manifests).flatMap((descriptor) =>
        layoutEntries(place, `${top}/images/${descriptor.digest.slice(7)}.layout`, descriptor),
      ),
    ),
  ]
  return gzipSync(buildTar(entries))
}

/** A layout with one manifest and what it names. */
function layoutEntries({ contents }: Recording, folder: string, { mediaType, digest, size }: Descriptor): TarEntry[] {
  const manifest = contents.get(digest) ?? Buffer.alloc(0)
  const { config, layers } = JSON.parse(manifest.toString()) as { config: Descriptor; layers: readonly Descriptor[] }
  return [
    ...[digest, config.digest, ...layers.map((layer) => layer.digest)].map((each) => ({
      name: `${folder}/blobs/sha256/${each.slice(7)}`,
      data: contents.get(each) ?? Buffer.alloc(0),
    })),
    { name: `${folder}/index.json`, data: indexOf([{ mediaType, digest, size }]) },
    { name: `${folder}/oci-layout`, data: layoutFile },
  ]
}
