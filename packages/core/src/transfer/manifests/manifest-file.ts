// Files of manifests: where they are read from, and what of a folder counts.
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'
import { ChartferryError, messageOf } from '../../errors.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import { isKustomizationFile } from './kustomization.ts'

/** A file of manifests. */
export interface ManifestFile {
  /** Below the folder, with `/` between its steps; of a single file its name. */
  readonly path: string
  readonly text: string
}

/** What was read of a place, and what was passed over. */
export interface ManifestFolder {
  readonly files: readonly ManifestFile[]
  /** Charts and links out of the folder, one sentence each. */
  readonly passedOver: readonly string[]
}

/** Whether a file is looked into by its name. */
const isManifestFile = (path: string): boolean => /\.(?:ya?ml|json)$/i.test(path) || isKustomizationFile(path)

/**
 * All YAML and JSON files of a folder, at any depth, in the order of their paths. Left out are hidden folders, charts,
 * and what is no UTF-8. Throws FILE_NOT_FOUND where there is none, ARCHIVE_TOO_LARGE for more than a chart may have.
 */
export async function readManifestFolder(
  folder: string,
  { limits = defaultLimits }: { readonly limits?: Limits } = {},
): Promise<ManifestFolder> {
  const { paths, charts } = await listFolder(folder)
  const top = await realpath(folder)
  const files: ManifestFile[] = []
  const passedOver = charts.map((path) => `${path}: is a chart; relocate it by itself`)
  let bytes = 0
  for (const path of paths) {
    const real = await realpath(join(folder, path)).catch(() => undefined)
    if (real === undefined || !real.startsWith(`${top}${sep}`)) {
      passedOver.push(`${path}: is a link that leads out of the folder, and is not followed`)
      continue
    }
    const data = await readFile(real)
    bytes += data.length
    if (data.length > limits.yamlBytes || bytes > limits.unpackedBytes)
      throw new ChartferryError('ARCHIVE_TOO_LARGE', `${folder}: ${path}: there is too much to read`, {
        hint: 'Name the folders with manifests one by one.',
      })
    const text = decodeManifests(data)
    if (text === undefined) passedOver.push(`${path}: is no UTF-8`)
    else files.push({ path, text })
  }
  if (files.length === 0)
    throw new ChartferryError('FILE_NOT_FOUND', `${folder}: there is no chart and no manifest in it`)
  return { files, passedOver }
}

/** One file of manifests. Throws FILE_NOT_FOUND, YAML_INVALID for what is no UTF-8. */
export async function readManifestFile(path: string): Promise<ManifestFile> {
  let data: Uint8Array
  try {
    data = await readFile(path)
  } catch (cause) {
    throw new ChartferryError('FILE_NOT_FOUND', `${path}: ${messageOf(cause)}`, { cause })
  }
  return manifestFileOf(basename(path), data)
}

/** Manifests from elsewhere under a name. Throws YAML_INVALID for what is no UTF-8. */
export function manifestFileOf(name: string, data: Uint8Array): ManifestFile {
  const text = decodeManifests(data)
  if (text === undefined) throw new ChartferryError('YAML_INVALID', `${name}: is no UTF-8`)
  return { path: name, text }
}

/** The text, with a byte order mark if it has one: written again it gives the same bytes. Undefined for no UTF-8. */
function decodeManifests(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
  } catch {
    return undefined
  }
}

/** The files that count, sorted, and the folders of charts, which are not entered. */
async function listFolder(
  folder: string,
  below = '',
): Promise<{ readonly paths: readonly string[]; readonly charts: readonly string[] }> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((cause: unknown) => {
    throw new ChartferryError('FILE_NOT_FOUND', `${join(folder, below)}: ${messageOf(cause)}`, { cause })
  })
  if (below !== '' && entries.some(({ name }) => name === 'Chart.yaml')) return { paths: [], charts: [below] }
  const paths: string[] = []
  const charts: string[] = []
  for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.name.startsWith('.')) continue
    if (entry.isDirectory()) {
      const found = await listFolder(folder, path)
      paths.push(...found.paths)
      charts.push(...found.charts)
    } else if (isManifestFile(entry.name) && (entry.isFile() || (await isLinkToFile(join(folder, path))))) {
      paths.push(path)
    }
  }
  return { paths, charts }
}

async function isLinkToFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => true,
  )
}

/**
 * Whether a place holds manifests rather than charts: a YAML or JSON file, or a folder without Chart.yaml and charts in
 * which there is one, or a kustomization.
 */
export async function holdsManifests(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() === true) return isManifestFile(path)
  if (found?.isDirectory() !== true) return false
  const entries = await readdir(path)
  if (entries.some((name) => name === 'Chart.yaml' || name.endsWith('.tgz'))) return false
  const { paths, charts } = await listFolder(path)
  return paths.length > 0 && !charts.some((chart) => !chart.includes('/'))
}
