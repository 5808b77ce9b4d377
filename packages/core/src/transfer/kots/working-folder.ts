// The working folder of `pull --rewrite-images`: what is in it, how it is told from any other folder, and how a new state
// takes the place of the old one as a whole.
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ChartferryError } from '../../errors.ts'
import type { KustomizeImage } from '../emit/kustomize-images.ts'

/** The file that says what the folder is. */
export const stateFile = 'chartferry-kots.json'

const format = 'chartferry.kots/v1'

/**
 * The parts that a run puts in place where it has made them, in this order; all else in the folder is the user's. The
 * user's overlay is made by the first run alone.
 */
const ownParts = [
  'upstream',
  'base',
  'overlays/midstream',
  'overlays/downstreams/this-cluster/kustomization.yaml',
  stateFile,
]

/** What the last run wrote. */
export interface WorkingState {
  readonly format: typeof format
  readonly app: { readonly name: string; readonly version: string; readonly digest: string }
  /** `host[:port]/namespace`. */
  readonly registry: string
  readonly mode: string
  readonly images: readonly { readonly from: string; readonly to: string }[]
  /** What of the midstream is ours; what differs from it was made by hand. */
  readonly midstream: {
    readonly images: readonly KustomizeImage[]
    readonly patches: readonly object[]
    readonly resources: readonly string[]
  }
}

/** A state of this format. */
export function workingState(state: Omit<WorkingState, 'format'>): WorkingState {
  return { format, ...state }
}

/**
 * The state of a folder; undefined where the folder is missing or empty. What a run left that broke off is put right
 * first. Throws WORKING_FOLDER_INVALID for a folder that is not ours, or of a newer version.
 */
export async function readWorkingState(folder: string): Promise<WorkingState | undefined> {
  await settle(folder)
  const text = await readFile(join(folder, stateFile), 'utf8').catch(() => undefined)
  if (text === undefined) {
    const names = await readdir(folder).catch(() => [])
    // Images are copied before the rest is there.
    if (names.every((name) => name === 'images' || name === staging)) return undefined
    throw new ChartferryError(
      'WORKING_FOLDER_INVALID',
      `${folder}: it holds files, but no ${stateFile}: it was not made by this command`,
    )
  }
  return parseWorkingState(text, folder)
}

/** Reads a state. Throws WORKING_FOLDER_INVALID. */
export function parseWorkingState(text: string, folder: string): WorkingState {
  let state: unknown
  try {
    state = JSON.parse(text)
  } catch (cause) {
    throw new ChartferryError('WORKING_FOLDER_INVALID', `${join(folder, stateFile)}: it is not JSON`, { cause })
  }
  const said = typeof state === 'object' && state !== null ? Reflect.get(state, 'format') : undefined
  if (said === format) return state as WorkingState
  if (typeof said === 'string' && said.startsWith('chartferry.kots/'))
    throw new ChartferryError('WORKING_FOLDER_INVALID', `${folder}: a newer chartferry wrote it (${said})`, {
      hint: 'Use that version, or another folder.',
    })
  throw new ChartferryError('WORKING_FOLDER_INVALID', `${join(folder, stateFile)}: it says no format`)
}

/** Where a new state is written before it takes the place of the old one. */
const staging = '.chartferry-new'
const ready = 'ready'

/** A file below the folder. */
export interface WorkingFile {
  readonly path: string
  readonly content: string | Uint8Array
  /** Permission bits. Default: 0o644. */
  readonly mode?: number
}

/**
 * Puts new parts in the place of the old ones. They are written aside first; a run that breaks off leaves the old state,
 * or one that the next run completes.
 */
export async function publishParts(folder: string, files: readonly WorkingFile[]): Promise<void> {
  const aside = join(folder, staging)
  await rm(aside, { recursive: true, force: true })
  for (const { path, content, mode = 0o644 } of files) {
    const file = join(aside, 'parts', ...path.split('/'))
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content, { mode, flush: true })
  }
  await writeFile(join(aside, ready), '', { flush: true })
  await settle(folder)
}

/** Completes a change that was written whole, and forgets one that was not. */
async function settle(folder: string): Promise<void> {
  const aside = join(folder, staging)
  if (!(await exists(join(aside, ready)))) return rm(aside, { recursive: true, force: true })
  for (const part of ownParts) {
    const fresh = join(aside, 'parts', ...part.split('/'))
    // What has moved already is no longer there.
    if (!(await exists(fresh))) continue
    const place = join(folder, ...part.split('/'))
    await rm(place, { recursive: true, force: true })
    await mkdir(dirname(place), { recursive: true })
    await rename(fresh, place)
  }
  await rm(aside, { recursive: true, force: true })
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Puts the files of a folder that is to be restored where there is none yet; the file that says what it is comes last. */
export async function publishRestored(folder: string, files: readonly WorkingFile[]): Promise<void> {
  const inOrder = files.toSorted((a, b) => Number(a.path === stateFile) - Number(b.path === stateFile))
  for (const { path, content, mode = 0o644 } of inOrder) {
    const file = join(folder, ...path.split('/'))
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content, { mode, flush: true })
  }
}
