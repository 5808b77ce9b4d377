// THE VERB `emit`: images with their new names in the words of another tool, a format each.
import { assetList, formatAssetYaml } from './asset-list.ts'
import { daemonJson, mergeDaemonJson } from './docker-daemon.ts'
import type { Emission, EmittedImage } from './emission.ts'
import { hostsFolders } from './hosts-toml.ts'
import { cyclonedx, haulerManifest, plainList, zarfPackage } from './image-lists.ts'
import {
  argoKustomizeImages,
  fluxPostRenderers,
  helmPostRenderer,
  kustomizationImages,
  kustomizeComponent,
} from './kustomize-files.ts'
import { kustomizeImages } from './kustomize-images.ts'
import { type MirrorOptions, type MirrorTable, mirrorTable, othersNotExpressed, tagsNotExpressed } from './mirrors.ts'
import { mirrorSet } from './openshift-mirrors.ts'
import { mergeRegistriesConf, registriesConf } from './registries-conf.ts'
import { mergeRegistriesYaml, mirrorOnlyConfig, registriesYaml } from './registries-yaml.ts'
import { type RepositoryMove, repositoryMoves } from './repository-moves.ts'

/** What a format is made with besides the images. */
export interface EmitOptions extends MirrorOptions {
  /** What resources and lists are called. */
  readonly name: string
}

/** Formats that need nothing but images, each with what it is for. */
export const imageFormats = {
  list: 'an image and its new name a line, as `chartferry copy --images` reads it',
  kustomize: 'the list `images:` of a kustomization',
  component: 'a component for kustomizations',
  'post-renderer': 'a post-renderer for helm 3 (path) and helm 4 (plugin) that needs kustomize alone',
  flux: 'the post-renderers of a HelmRelease of Flux',
  'argocd-kustomize': 'the images of an Application of Argo CD whose source is a kustomization',
  hosts: "containerd's certs.d folder of hosts.toml files",
  'k3s-registries': 'registries.yaml of k3s and rke2',
  registries: 'a drop-in of registries.conf for podman, skopeo, CRI-O',
  docker: "Docker's daemon.json",
  idms: "OpenShift's ImageDigestMirrorSet",
  itms: "OpenShift's ImageTagMirrorSet",
  hauler: 'a manifest of hauler',
  zarf: 'a zarf.yaml with a component',
  kops: "kOps' asset list",
  cyclonedx: 'a bill of materials, CycloneDX 1.6',
} as const

export type ImageFormat = keyof typeof imageFormats

/**
 * The files of a format. Pure. Throws NOT_EXPRESSED for names that kustomize would chain in a circle, USAGE for a
 * mirror that the tool cannot use, REFERENCE_INVALID, TARGET_COLLISION.
 */
export function emitImages(format: ImageFormat, images: readonly EmittedImage[], options: EmitOptions): Emission {
  const { name } = options
  switch (format) {
    case 'list':
      return whole(plainList(images))
    case 'hauler':
      return whole(haulerManifest(name, images))
    case 'zarf':
      return whole(zarfPackage(name, images))
    case 'cyclonedx':
      return whole(cyclonedx(images))
    case 'kops':
      return whole([{ path: 'assets.yaml', text: `${formatAssetYaml(assetList(images, []))}\n` }])
    case 'kustomize':
    case 'component':
    case 'post-renderer':
    case 'flux':
    case 'argocd-kustomize':
      return emitKustomize(format, images, name)
    default: {
      const { moves, notExpressed } = repositoryMoves(images)
      const { files, notExpressed: more } = emitMirrors(format, mirrorTable(moves), moves, options)
      return { files, notExpressed: [...notExpressed, ...tagsNotExpressed(moves), ...more] }
    }
  }
}

const whole = (files: Emission['files']): Emission => ({ files, notExpressed: [] })

function emitKustomize(
  format: 'kustomize' | 'component' | 'post-renderer' | 'flux' | 'argocd-kustomize',
  images: readonly EmittedImage[],
  name: string,
): Emission {
  const { images: entries, notExpressed } = kustomizeImages(images)
  const files = {
    kustomize: kustomizationImages,
    component: kustomizeComponent,
    'post-renderer': helmPostRenderer,
    flux: (list: typeof entries) => fluxPostRenderers(name, list),
    'argocd-kustomize': (list: typeof entries) => argoKustomizeImages(name, list),
  }[format](entries)
  return { files, notExpressed }
}

/** Formats that tell nodes of mirrors. */
export type MirrorFormat = 'hosts' | 'k3s-registries' | 'registries' | 'docker' | 'idms' | 'itms'

/**
 * The files of a format that tells nodes of mirrors; `moves` are the repositories that the table was made of, where
 * there are any. Throws USAGE for a mirror that the tool cannot use.
 */
export function emitMirrors(
  format: MirrorFormat,
  table: MirrorTable,
  moves: readonly RepositoryMove[],
  options: EmitOptions,
): Emission {
  const { others } = table
  switch (format) {
    case 'hosts':
      return { files: hostsFolders(table.mirrors, options), notExpressed: othersNotExpressed(others, 'containerd') }
    case 'registries':
      return whole([{ path: `${options.name}.conf`, text: registriesConf(table, options) }])
    case 'k3s-registries': {
      const { text, others: left } = registriesYaml(table, moves, options)
      const only = [{ path: `config.yaml.d/${options.name}.yaml`, text: mirrorOnlyConfig }]
      return {
        files: [{ path: 'registries.yaml', text }, ...(options.mirrorOnly === true ? only : [])],
        notExpressed: othersNotExpressed(left, 'k3s'),
      }
    }
    case 'docker':
      return daemonJson(table, options)
    case 'idms':
      return whole([{ path: 'idms.yaml', text: mirrorSet('ImageDigestMirrorSet', options.name, table, options) }])
    case 'itms':
      return whole([{ path: 'itms.yaml', text: mirrorSet('ImageTagMirrorSet', options.name, table, options) }])
  }
}

/** Merges a file of a format with one that is there: (existing, ours, its name) -> text. */
export type MergeFile = (existing: string, ours: string, where: string) => string

/** What merges the file of this name, where the format's files can hold what others wrote. */
export function mergerOf(file: string): MergeFile | undefined {
  if (file === 'daemon.json') return mergeDaemonJson
  if (file === 'registries.yaml') return mergeRegistriesYaml
  return file.endsWith('.conf') ? mergeRegistriesConf : undefined
}
