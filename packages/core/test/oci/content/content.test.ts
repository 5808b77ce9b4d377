import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { noise, pushImage } from '../../../../../test/kit/images.ts'
import { type RegistryOptions, startRegistry } from '../../../../../test/kit/registry.ts'
import { contentSuite } from '../../../../../test/suites/content.ts'
import { openRegistries, type RegistriesOptions } from '../../../src/oci/client/registries.ts'
import type { ContentRepository } from '../../../src/oci/content/content.ts'
import { openLayout } from '../../../src/oci/content/layout.ts'
import { openMemoryContent } from '../../../src/oci/content/memory.ts'

async function openPlace(
  registryOptions: RegistryOptions = {},
  options: RegistriesOptions = {},
): Promise<{ readonly place: ContentRepository; close(): Promise<void> }> {
  const registry = await startRegistry(registryOptions)
  const registries = openRegistries(options)
  return {
    place: registries.repository(`${registry.host}/team/app`),
    close: async () => {
      await registries.close()
      await registry.close()
    },
  }
}

const credentials = {
  credentialFor: async () => ({ kind: 'basic', username: 'me', password: 'secret' }) as const,
}

contentSuite('memory', async () => ({ place: openMemoryContent(), close: async () => {} }))
contentSuite('a layout', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-layout-'))
  return { place: openLayout(join(folder, 'layout')), close: () => rm(folder, { recursive: true, force: true }) }
})
contentSuite('a registry', () => openPlace({ page: 1 }))
contentSuite('a registry without referrers', () => openPlace({ referrersApi: false, mounts: false }))
contentSuite('a registry with a password', () => openPlace({ auth: 'basic' }, { credentials }))
contentSuite('a registry with tokens that end soon', () => openPlace({ auth: 'bearer', tokenUses: 3 }, { credentials }))
contentSuite('a registry that takes small pieces', () => openPlace({ maxBody: 100_000 }, { chunkBytes: 65_536 }))

describe('openLayout', () => {
  it('writes a layout that other tools read: tags and referrers in index.json, children of indexes not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-layout-'))
    const layout = openLayout(folder)
    const image = await pushImage(layout, { layers: [noise('a', 10)], tag: 'v1' })
    const child = await pushImage(layout, { layers: [noise('b', 10)] })
    const referrer = await pushImage(layout, { layers: [], artifactType: 'application/x', subject: image })
    const index = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as {
      manifests: { digest: string; annotations?: object }[]
    }
    expect(index.manifests.map(({ digest, annotations }) => [digest, annotations])).toEqual([
      [image.digest, { 'org.opencontainers.image.ref.name': 'v1' }],
      [referrer.digest, undefined],
    ])
    expect(await layout.resolve(child.digest)).toEqual(child)
    expect(await readFile(join(folder, 'oci-layout'), 'utf8')).toBe('{"imageLayoutVersion":"1.0.0"}')
    await rm(folder, { recursive: true })
  })
})
