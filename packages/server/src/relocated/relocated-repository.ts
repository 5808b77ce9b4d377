// Repositories whose charts are relocated on their way: the index of another one, and archives that are made when they
// are first asked for.

import { ChartferryError, type Digest, isChartferryError } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import { count } from '@chartferry/core/internal'
import { storedBytes } from '../cache/archive-cache.ts'
import type { RelocationConfig } from '../config/relocation-config.ts'
import type { AskOptions, ChartRepository, FileAnswer } from '../repository/chart-repository.ts'
import { type IndexSnapshot, isSameIndex } from '../repository/index-snapshot.ts'
import { servedPath } from '../upstream/chart-path.ts'
import { madeArchives } from './made-archives.ts'
import { fileNameIn, relocatedIndex } from './relocated-index.ts'
import { type RelocationMaker, subjectOf } from './relocation-maker.ts'
import { folderOf, type RelocationOptions, type RelocationSet, relocationSet } from './relocation-options.ts'
import type { MadeRelocation, RelocationDetails, RelocationStore } from './relocation-store.ts'
import type { TargetImages } from './target-images.ts'
import { type Warming, warmRelocations } from './warm-relocations.ts'

/** One relocated repository. */
export interface Relocated {
  readonly config: RelocationConfig
  readonly images: TargetImages
}

export interface RelocatedRepositoriesOptions {
  /** By the name under which they are served. */
  readonly repositories: ReadonlyMap<string, Relocated>
  /** Has the originals. */
  readonly source: ChartRepository
  readonly maker: RelocationMaker
  readonly store: RelocationStore
  readonly now: () => number
  /** Whether anything is made before somebody asks. */
  readonly warms: boolean
  /** Stops what is made before anybody asks. */
  readonly signal: AbortSignal
}

/** A relocation as people see it. */
export interface ShownRelocation extends RelocationDetails {
  readonly made: MadeRelocation
}

/** What is known of a version now. */
export type RelocationState =
  | ({ readonly state: 'made' } & ShownRelocation)
  | { readonly state: 'making'; readonly words: string }
  | { readonly state: 'refused'; readonly reason: string; readonly hint: string }

/** How pages and the API see relocations. */
export interface Relocations {
  /** Whether the charts of a repository are relocated. */
  has(repository: string): boolean
  /** The relocation of an entry of its index, made if need be. Throws as the archive's own path does. */
  show(repository: string, entry: ChartVersion, options?: AskOptions): Promise<ShownRelocation>
  /** What is known now; where that is nothing, it is begun. Waits for the store alone. */
  look(repository: string, entry: ChartVersion, options?: AskOptions): Promise<RelocationState>
}

export interface RelocatedRepositories {
  readonly charts: ChartRepository
  readonly relocations: Relocations
}

interface Known extends Relocated {
  readonly set: RelocationSet
  readonly warming: Warming
  index?: { readonly whole: IndexSnapshot; readonly state: number; readonly snapshot: IndexSnapshot }
}

interface Found {
  readonly made: MadeRelocation
  readonly immutable: boolean
}

/** Asks nobody yet. */
export function relocatedRepositories(options: RelocatedRepositoriesOptions): RelocatedRepositories {
  const { source, maker, store, now } = options
  const archives = madeArchives(store, now)
  const repositories = new Map<string, Known>()
  for (const [name, relocated] of options.repositories) {
    const set = relocationSet(relocated.config)
    const make = async (path: string, asked: AskOptions): Promise<unknown> => find(name, path, asked)
    const { of, warm } = relocated.config
    const newest = options.warms ? warm : 0
    const warming = warmRelocations({
      of,
      source,
      newest,
      make,
      folder: (chart) => folderOf(set.of(chart)),
      signal: options.signal,
    })
    repositories.set(name, { ...relocated, set, warming })
  }

  function known(repository: string): Known {
    const found = repositories.get(repository)
    if (found === undefined)
      throw new ChartferryError('REPOSITORY_NOT_FOUND', `no relocated repository "${repository}"`)
    return found
  }

  const absent = (repository: string, path: string): ChartferryError =>
    new ChartferryError('CHART_NOT_FOUND', `repository "${repository}" has no archive "${path}"`)

  /** What a path stands for; made if nobody has. What was served under other rules than today's stays. */
  async function find(repository: string, path: string, asked: AskOptions = {}): Promise<Found> {
    const { set, config, images } = known(repository)
    const slash = path.indexOf('/')
    const [chosen, sourcePath] = [set.at(path.slice(0, slash)), path.slice(slash + 1)]
    if (slash < 0 || sourcePath === '') throw absent(repository, path)
    const served = await store.served(repository, path)
    if (served !== undefined && (await isShown(config.of, sourcePath, served.source, asked))) {
      note(repository, chosen, path, served)
      return { made: served, immutable: isContent(sourcePath, served.source) }
    }
    if (chosen === undefined) throw absent(repository, path)
    const { file, immutable } = await source.archive(config.of, sourcePath, asked)
    const request = { repository, options: chosen, images, fileName: fileNameIn(sourcePath), sourcePath, file }
    const made = await maker.make(request, asked.signal)
    await store.noteServed(repository, path, made)
    note(repository, chosen, path, made)
    return { made, immutable }
  }

  const isShown = async (of: string, path: string, digest: Digest, asked: AskOptions): Promise<boolean> =>
    (await source.shows?.(of, path, digest, asked)) ?? true

  function note(repository: string, chosen: RelocationOptions | undefined, path: string, made: MadeRelocation): void {
    if (chosen !== undefined) archives.note(repository, chosen, path, made)
  }

  async function details({ details: part }: MadeRelocation): Promise<RelocationDetails> {
    return JSON.parse((await storedBytes(store.open(part))).toString()) as RelocationDetails
  }

  async function show(repository: string, entry: ChartVersion, asked?: AskOptions): Promise<ShownRelocation> {
    const path = servedPath(entry.urls[0])
    if (path === undefined) throw absent(repository, entry.urls[0] ?? '')
    const { made } = await find(repository, path, asked)
    return { made, ...(await details(made)) }
  }

  const charts: ChartRepository = {
    index: async (repository, asked) => {
      const relocated = known(repository)
      const { config, set, warming } = relocated
      const answer = await source.index(config.of, asked)
      await archives.refresh(set.all)
      warming.begin(answer.snapshot)
      const { index } = relocated
      const state = archives.state()
      const whole = answer.snapshot
      const snapshot =
        index !== undefined && isSameIndex(index.whole, whole) && index.state === state
          ? index.snapshot
          : relocatedIndex(whole, { of: (chart) => set.of(chart), ...archives.of(repository) })
      relocated.index = { whole, state, snapshot }
      return { ...answer, snapshot }
    },
    revision: async (repository, asked) => {
      const { config } = known(repository)
      const found = await source.revision?.(config.of, asked)
      return found && { ...found, revision: `${found.revision} ${archives.state()}` }
    },
    archive: async (repository, path, asked): Promise<FileAnswer> => {
      const { made, immutable } = await find(repository, path, asked)
      return { file: store.open(made.archive), immutable, proof: made.proof }
    },
    provenance: async (repository, path, asked): Promise<FileAnswer> => {
      const { made } = await find(repository, path, asked)
      if (made.provenance !== undefined) return { file: store.open(made.provenance), immutable: false }
      throw new ChartferryError('CHART_NOT_FOUND', `"${path}" has no provenance file: it was made for other bytes`, {
        hint: 'With `sign: { keyFile: … }` of the repository, relocated charts are signed anew.',
      })
    },
    shows: async (repository, path, digest, asked) => {
      const served = await store.served(repository, path)
      if (served?.archive.digest !== digest) return false
      return isShown(known(repository).config.of, path.slice(path.indexOf('/') + 1), served.source, asked ?? {})
    },
    changes: async (repository, asked) => source.changes(known(repository).config.of, asked),
    status: async (repository, asked) => {
      const { config, warming } = known(repository)
      const status = await source.status(config.of, asked)
      const made = archives.count(known(repository).set.all)
      const told = [status.state, `${count(made, 'archive')} relocated`, warming.words()]
      return {
        ...status,
        name: repository,
        kind: 'relocated',
        source: `${config.of === repository ? status.source : config.of} → ${config.to}`,
        state: told.filter((words) => words !== undefined).join(' · '),
      }
    },
  }

  const relocations: Relocations = {
    has: (repository) => repositories.has(repository),
    show,
    look: async (repository, entry, asked) => {
      const path = servedPath(entry.urls[0]) ?? ''
      const served = await store.served(repository, path)
      if (served !== undefined) return { state: 'made', made: served, ...(await details(served)) }
      const begun = show(repository, entry, { ...asked, signal: undefined }).then(madeState, refusedState)
      begun.catch(() => {})
      const outcome = await Promise.race([begun, soon()])
      if (outcome !== undefined) return outcome
      const { set, config } = known(repository)
      const file = await source.archive(config.of, path.slice(path.indexOf('/') + 1), asked)
      const subject = subjectOf({ options: set.of(entry.name), ...file, fileName: fileNameIn(path) })
      return { state: 'making', words: maker.progress(subject) ?? 'fetching the chart' }
    },
  }
  return { charts, relocations }
}

const madeState = (shown: ShownRelocation): RelocationState => ({ state: 'made', ...shown })

function refusedState(thrown: unknown): RelocationState {
  if (!isChartferryError(thrown)) throw thrown
  return { state: 'refused', reason: thrown.message, hint: thrown.hint }
}

/** A moment in which what is known already is told. */
const moment = 50

function soon(): Promise<undefined> {
  return new Promise((done) => void setTimeout(() => done(undefined), moment).unref())
}

/** Whether a path of the original names its bytes. */
function isContent(path: string, digest: Digest): boolean {
  return path.split('/').some((part) => part === digest.slice('sha256:'.length).slice(0, 12))
}
