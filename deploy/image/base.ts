// The image to build upon: its layers for one platform, and the digests by which a configuration names them.

import type { Digest } from '@chartferry/core'
import { readContent, readManifest } from '@chartferry/core/internal'
import {
  canonicalReference,
  type Descriptor,
  type Platform,
  parseReference,
  type Registries,
} from '@chartferry/core/oci'

export interface Base {
  readonly layers: readonly Descriptor[]
  readonly diffIds: readonly Digest[]
  /** Fetches the bytes of a layer. */
  readonly fetch: (layer: Descriptor) => Promise<AsyncIterable<Uint8Array>>
}

const mostConfigurationBytes = 1024 * 1024

/** Reads manifest and configuration of a base. Throws what the registry throws, and when it has no such platform. */
export async function readBase(registries: Registries, name: string, platform: Platform): Promise<Base> {
  const { host, path, tag, digest } = canonicalReference(parseReference(name))
  const source = registries.repository(`${host}/${path}`)
  let { manifest } = await readManifest(source, await source.resolve(digest ?? tag ?? 'latest'))
  if (manifest.manifests.length > 0) {
    const found = manifest.manifests.find(
      (listed) => listed.platform?.os === platform.os && listed.platform.architecture === platform.architecture,
    )
    if (found === undefined) throw new Error(`${name} is not there for ${platform.os}/${platform.architecture}`)
    ;({ manifest } = await readManifest(source, found))
  }
  if (manifest.config === undefined) throw new Error(`${name} is no image`)
  const { digest: configDigest } = manifest.config
  const text = Buffer.from(await readContent(source, manifest.config, { maxBytes: mostConfigurationBytes })).toString()
  const { rootfs } = JSON.parse(text) as { rootfs: { diff_ids: readonly Digest[] } }
  return {
    layers: manifest.blobs.filter((blob) => blob.digest !== configDigest),
    diffIds: rootfs.diff_ids,
    fetch: (layer) => source.fetch(layer),
  }
}
