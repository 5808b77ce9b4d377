// Lists of images as other tools read them: dt, hauler, zarf, CycloneDX, and a plain one.
import { dump } from 'js-yaml'
import { canonicalReference, formatReference, type ImageReference, parseReference } from '../../reference/reference.ts'
import type { EmittedFile, EmittedImage } from './emission.ts'

const yaml = (document: object): string => dump(document, { lineWidth: -1, noRefs: true })

const canonical = (text: string): ImageReference & { readonly host: string } => canonicalReference(parseReference(text))

/** An image a line, its new name behind it: what `chartferry copy --images` reads. */
export function plainList(images: readonly EmittedImage[]): readonly EmittedFile[] {
  return [{ path: 'images.txt', text: images.map(({ from, to }) => `${from} ${to}\n`).join('') }]
}

/**
 * A manifest of hauler (content.hauler.cattle.io/v1): what it takes, and the path under which its registry serves it
 * (its rewriteReference).
 */
export function haulerManifest(name: string, images: readonly EmittedImage[]): readonly EmittedFile[] {
  const list = images.map(({ from, to }) => {
    const [source, target] = [canonical(from), canonical(to)]
    return { name: formatReference(source), ...(source.path === target.path ? {} : { rewrite: haulerPath(target) }) }
  })
  const manifest = {
    apiVersion: 'content.hauler.cattle.io/v1',
    kind: 'Images',
    metadata: { name },
    spec: { images: list },
  }
  return [{ path: 'hauler-manifest.yaml', text: yaml(manifest) }]
}

/**
 * hauler refuses a new path for a digest that names no tag, and takes a first step with a dot for a host: then the host
 * stands there as well.
 */
function haulerPath({ host, path, tag, digest }: ImageReference & { readonly host: string }): string {
  const named = tag ?? (digest === undefined ? undefined : `digest-${digest.replace(/^.*:/, '').slice(0, 12)}`)
  const [first = ''] = path.split('/')
  const text = formatReference({ path, ...(named === undefined ? {} : { tag: named }) })
  // Behind a host with a port hauler would not add the tag of the source.
  return /[.:]|^localhost$/.test(first) ? `${host}/${named === undefined ? `${path}:latest` : text}` : text
}

/** A zarf.yaml with one component; zarf renames images itself, so they have the names that they come from. */
export function zarfPackage(name: string, images: readonly EmittedImage[]): readonly EmittedFile[] {
  const component = { name, required: true, images: images.map(({ from }) => formatReference(canonical(from))) }
  const text = yaml({ kind: 'ZarfPackageConfig', metadata: { name }, components: [component] })
  return [{ path: 'zarf.yaml', text }]
}

/** The chart of an Images.lock. */
export interface LockedChartName {
  readonly name: string
  readonly version: string
  readonly appVersion?: string
}

/** The manifest of one platform, `linux/amd64`. */
export interface PlatformDigest {
  readonly arch: string
  readonly digest: string
}

/**
 * dt's Images.lock (apiVersion v0) of a relocated chart: new names, with the digest of each platform, by the name that
 * the image comes from. `generatedAt` is an RFC 3339 time.
 */
export function imagesLock(
  chart: LockedChartName,
  images: readonly EmittedImage[],
  digests: ReadonlyMap<string, readonly PlatformDigest[]>,
  generatedAt: string,
): readonly EmittedFile[] {
  const lock = {
    apiVersion: 'v0',
    kind: 'ImagesLock',
    metadata: { generatedAt, generatedBy: 'chartferry' },
    chart,
    images: images.map(({ from, to }) => ({
      name: lastOf(canonical(to).path),
      image: to,
      chart: chart.name,
      digests: digests.get(from) ?? [],
    })),
  }
  return [{ path: 'Images.lock', text: yaml(lock) }]
}

/** A bill of materials (CycloneDX 1.6, JSON): a component of the type container an image, under its new name. */
export function cyclonedx(images: readonly EmittedImage[]): readonly EmittedFile[] {
  const components = images.map(({ from, to }) => {
    const { host, path, tag, digest } = canonical(to)
    const hash = digest?.startsWith('sha256:') === true ? digest.slice('sha256:'.length) : undefined
    return {
      type: 'container',
      'bom-ref': to,
      name: `${host}/${path}`,
      ...(tag === undefined && digest === undefined ? {} : { version: tag ?? digest }),
      ...(hash === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: hash.toLowerCase() }] }),
      purl: packageUrl({ host, path, tag, digest }),
      properties: [{ name: 'chartferry:from', value: from }],
    }
  })
  const bom = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components }
  return [{ path: 'bom.json', text: `${JSON.stringify(bom, null, 2)}\n` }]
}

/** A package URL of the type oci: its version is the digest, the tag is a qualifier. */
function packageUrl({
  host,
  path,
  tag,
  digest,
}: {
  readonly host: string
  readonly path: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}): string {
  const version = digest === undefined ? '' : `@${encodeURIComponent(digest)}`
  const place = encodeURIComponent(`${host}/${path}`).replaceAll('%2F', '/').replaceAll('%3A', ':')
  return `pkg:oci/${lastOf(path)}${version}?repository_url=${place}${tag === undefined ? '' : `&tag=${tag}`}`
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
