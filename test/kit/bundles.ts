// Bundles with everything that a bundle can hold, built in the test.
import { createHash } from 'node:crypto'
import { readChartArchive } from '../../packages/core/src/helm/chart/chart-archive.ts'
import type { ContentRepository } from '../../packages/core/src/oci/content/content.ts'
import { openMemoryContent } from '../../packages/core/src/oci/content/memory.ts'
import { relocate } from '../../packages/core/src/relocation/relocate.ts'
import type { BundledFile } from '../../packages/core/src/transfer/bundle/layout-plan.ts'
import {
  type WriteBundleOptions,
  type WrittenBundle,
  writeBundle,
} from '../../packages/core/src/transfer/bundle/write-bundle.ts'
import { buildChart } from './charts.ts'
import { layerOf, pushImage, pushSignedIndex, type SignedIndex } from './images.ts'

/** Places by name, each in memory. */
export interface MemoryPlaces {
  readonly open: (repository: string) => ContentRepository
}

/** Opens places that come into being when they are first asked for. */
export function memoryPlaces(): MemoryPlaces {
  const places = new Map<string, ContentRepository>()
  return {
    open: (repository) => {
      const found = places.get(repository) ?? openMemoryContent(repository)
      places.set(repository, found)
      return found
    },
  }
}

/** A file in memory as a bundle takes it. */
export function fileOf(name: string, text: string): BundledFile {
  const bytes = Buffer.from(text)
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as const
  return {
    name,
    digest,
    size: bytes.length,
    async *open() {
      yield bytes
    },
  }
}

export interface SampleBundle {
  readonly written: WrittenBundle
  readonly signed: SignedIndex
}

/**
 * Fills the places with `quay.io/acme/web:1`, signed and of five platforms, and `ghcr.io/acme/tool:2`, which shares a
 * layer with it.
 */
export async function fillPlaces(places: MemoryPlaces, layerSize = 3000): Promise<SignedIndex> {
  const shared = layerOf('shared', 1000)
  const signed = await pushSignedIndex(places.open('quay.io/acme/web'), '1', { shared, layerSize })
  await pushImage(places.open('ghcr.io/acme/tool'), { layers: [shared, layerOf('tool', layerSize)], tag: '2' })
  return signed
}

/** A chart with both images, its provenance beside it, its plan and its proof. */
export async function sampleChart() {
  const pod = (image: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${image}}
spec: {containers: [{name: main, image: "{{ .Values.${image} }}"}]}
`
  const bytes = await buildChart({
    name: 'web',
    version: '1.0.0+build',
    values: 'webImage: quay.io/acme/web:1\ntoolImage: ghcr.io/acme/tool:2\n',
    templates: { 'web.yaml': pod('webImage'), 'tool.yaml': pod('toolImage') },
  })
  const original = await readChartArchive(bytes, { provenance: new TextEncoder().encode('signed') })
  const { plan, proof } = await relocate(original, { to: 'bundle.invalid/images' })
  return { original, plan, proof }
}

/** Writes a bundle of the chart, its images and a file. */
export async function writeSample(
  path: string,
  options: WriteBundleOptions & { readonly layerSize?: number } = {},
): Promise<SampleBundle> {
  const places = memoryPlaces()
  const signed = await fillPlaces(places, options.layerSize)
  const chart = await sampleChart()
  const images = chart.plan.images.map(({ from, rendered }) => ({ reference: from, optional: !rendered }))
  const files = [fileOf('kubectl', 'a program\n')]
  const written = await writeBundle(path, { charts: [chart], images, files }, { open: places.open, ...options })
  return { written, signed }
}
