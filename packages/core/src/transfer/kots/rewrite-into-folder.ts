// THE VERB `pull --rewrite-images`: an application into a working folder, as KOTS lays it out, with its images in a layout
// and at the registry.
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { dump } from 'js-yaml'
import { isDigest } from '../../digest.ts'
import { ChartferryError, isChartferryError } from '../../errors.ts'
import type { ContentRepository } from '../../oci/content/content.ts'
import { openLayout } from '../../oci/content/layout.ts'
import { namingOf, type TargetMode } from '../../reference/naming.ts'
import { canonicalReference, formatReference, parseReference } from '../../reference/reference.ts'
import { formatTarget, type Target } from '../../reference/target.ts'
import { placeOf } from '../copy-images.ts'
import { type CopyPairsOptions, copyPairs } from '../copy-pairs.ts'
import { assetList } from '../emit/asset-list.ts'
import { kustomizeImages } from '../emit/kustomize-images.ts'
import { imagesOfManifests } from '../manifests/find-in-stream.ts'
import { type ChangedText, rewriteManifests } from '../manifests/rewrite-manifests.ts'
import type { Application } from './application.ts'
import { downstreamFolder, emptyDownstream, lostPatches } from './downstream.ts'
import { type BaseObject, baseKustomization, objectsOf } from './manifest-files.ts'
import { midstream, midstreamFiles, midstreamFolder, type PullLogin } from './midstream.ts'
import { publishParts, readWorkingState, stateFile, type WorkingFile, workingState } from './working-folder.ts'

export interface RewriteOptions {
  readonly folder: string
  /** The registry and the namespace that images go to. */
  readonly target: Target
  /** How names there are made. Default: `last`, as KOTS has it. */
  readonly mode?: TargetMode
  /** A login that pods get as a pull secret. Default: none. */
  readonly login?: PullLogin | undefined
  readonly copying: CopyPairsOptions
}

/** What became of an image since the last run. */
export interface RewrittenImage {
  readonly from: string
  readonly to: string
  readonly change: 'new' | 'kept' | 'dropped'
}

/**
 * Pulls, copies and writes, in this order: nothing of the folder changes before every image is at the registry. Throws
 * WORKING_FOLDER_INVALID, WORKING_FOLDER_CONFLICT, TARGET_COLLISION, YAML_INVALID for manifests or overlays that are
 * none, and as `copyPairs` does.
 */
export async function rewriteIntoFolder(
  { name, version, digest, upstream, base }: Application,
  { folder, target, mode = 'last', login, copying }: RewriteOptions,
): Promise<readonly RewrittenImage[]> {
  const before = await readWorkingState(folder)
  if (before !== undefined && before.app.name !== name)
    throw new ChartferryError('WORKING_FOLDER_INVALID', `${folder}: it is that of ${before.app.name}, not of ${name}`, {
      hint: 'Give another folder with --working-dir.',
    })
  const objects = objectsOf(base)
  const naming = namingOf(target, mode)
  const text = base.map((file) => file.text.replace(/^(?!---)/, '---\n')).join('')
  const rewritten = rewriteManifests(text, naming)
  if (rewritten.left.length > 0)
    throw new ChartferryError('IMAGE_UNRESOLVED', `images that cannot be renamed:\n${rewritten.left.join('\n')}`)
  const images = uniqueImages(imagesOfManifests(text).map(({ reference }) => reference)).map((from) => ({
    from,
    to: formatReference(naming.rename(parseReference(from))),
  }))
  refuseCollisions(images)
  const { images: entries } = kustomizeImages(images)
  const existing = await readIfThere(join(folder, 'overlays/midstream/kustomization.yaml'))
  const overlay = midstream({
    name,
    images: entries,
    patches: patchesOf(rewritten.changes, objects),
    objects,
    login,
    existing,
    before: before?.midstream,
  })
  const downstream = join(folder, downstreamFolder)
  const theirs = await readIfThere(join(downstream, 'kustomization.yaml'))
  const lost =
    theirs === undefined ? [] : await lostPatches(theirs, objects, (path) => readIfThere(join(downstream, path)))
  if (lost.length > 0) throw new ChartferryError('WORKING_FOLDER_CONFLICT', `${folder}:\n${lost.join('\n')}`)

  await copyThrough(join(folder, 'images'), images, copying)

  const state = workingState({
    app: { name, version, digest },
    registry: formatTarget(target),
    mode,
    images,
    midstream: overlay.state,
  })
  await publishParts(folder, [
    ...upstream.map((file) => ({ ...file, path: `upstream/${file.path}` })),
    ...base.map(({ path, text: content }) => ({ path: `base/${path}`, content })),
    { path: 'base/kustomization.yaml', content: baseKustomization(base) },
    ...overlay.files,
    ...(await handMadeFiles(folder, overlay.files)),
    ...(theirs === undefined ? [{ path: `${downstreamFolder}/kustomization.yaml`, content: emptyDownstream() }] : []),
    { path: stateFile, content: `${JSON.stringify(state, null, 2)}\n` },
  ])
  return changesOf(before?.images ?? [], images)
}

/** Each image once, whatever its spelling, in the order of the names. */
function uniqueImages(references: readonly string[]): readonly string[] {
  const byName = new Map(references.map((text) => [formatReference(canonicalReference(parseReference(text))), text]))
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)
}

function refuseCollisions(images: readonly { readonly from: string; readonly to: string }[]): void {
  try {
    assetList(images, [])
  } catch (cause) {
    if (!isChartferryError(cause, 'TARGET_COLLISION')) throw cause
    throw new ChartferryError('TARGET_COLLISION', cause.message, {
      cause,
      hint: 'KOTS would overwrite one with the other. Give --mode path: names keep their whole path then.',
    })
  }
}

/** What kustomize takes for no image, changed by a patch an object: arguments, variables, fields of custom resources. */
function patchesOf(changes: readonly ChangedText[], objects: readonly BaseObject[]): readonly object[] {
  const beyond = changes.filter(({ isPodImage }) => !isPodImage)
  return [...Map.groupBy(beyond, ({ resource }) => resource)].map(([resource, list]) => {
    const [kind = '', name = ''] = resource.split('/')
    const { apiVersion = '' } = objects.find((object) => object.kind === kind && object.name === name) ?? {}
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : [undefined, apiVersion]
    const operations = list.map(({ path, value }) => ({
      op: 'replace',
      path: path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
      value,
    }))
    return {
      target: { ...(group === undefined ? {} : { group }), version, kind, name },
      patch: dump(operations, { lineWidth: -1, noRefs: true }),
    }
  })
}

/** Into the layout, then from there to the registry; first of all one asks whether it takes them. */
async function copyThrough(
  folder: string,
  images: readonly { readonly from: string; readonly to: string }[],
  copying: CopyPairsOptions,
): Promise<void> {
  if (images.length === 0) return
  const { open, signal } = copying
  const repositories = new Set(images.map(({ to }) => placeOf(to).repository))
  for (const repository of repositories) await open(repository).preflight?.({ signal })
  const layout = openLayout(folder)
  const stay = images.map(({ from }) => ({ from, to: from }))
  await copyPairs(stay, { ...copying, source: open, open: (name) => partOfLayout(layout, name) })
  await copyPairs(images, { ...copying, source: (name) => partOfLayout(layout, name) })
}

/** A layout as one repository of many: its tags are whole names, `docker.io/library/nginx:1.25`. */
function partOfLayout(layout: ContentRepository, name: string): ContentRepository {
  const whole = (reference: string): string => (isDigest(reference) ? reference : `${name}:${reference}`)
  return {
    ...layout,
    name: `${layout.name} ${name}`,
    resolve: (reference, options) => layout.resolve(whole(reference), options),
    push: (descriptor, body, options = {}) =>
      layout.push(descriptor, body, options.tag === undefined ? options : { ...options, tag: whole(options.tag) }),
    tag: (descriptor, tag, options) => layout.tag(descriptor, whole(tag), options),
  }
}

/** What stands in the midstream beside our files: it stays. */
async function handMadeFiles(folder: string, ours: readonly WorkingFile[]): Promise<readonly WorkingFile[]> {
  const known = new Set([...ours.map(({ path }) => path), ...midstreamFiles])
  const entries = await readdir(join(folder, midstreamFolder), { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const paths = files.map((file) => ({ file, path: relative(folder, file).split(sep).join('/') }))
  return Promise.all(
    paths
      .filter(({ path }) => !known.has(path))
      .map(async ({ file, path }) => ({ path, content: await readFile(file) })),
  )
}

const readIfThere = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined)

function changesOf(
  before: readonly { readonly from: string; readonly to: string }[],
  now: readonly { readonly from: string; readonly to: string }[],
): readonly RewrittenImage[] {
  const known = new Set(before.map(({ to }) => to))
  const current = new Set(now.map(({ to }) => to))
  return [
    ...now.map((image) => ({ ...image, change: known.has(image.to) ? ('kept' as const) : ('new' as const) })),
    ...before.filter(({ to }) => !current.has(to)).map((image) => ({ ...image, change: 'dropped' as const })),
  ]
}
