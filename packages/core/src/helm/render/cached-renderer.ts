// A renderer with a cache of what it rendered: the same chart, values and context are rendered once, by whichever
// process comes first.
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { isChartferryError } from '../../errors.ts'
import { type BlobStore, readBlob } from '../../storage/blob-store.ts'
import type { ChartArchive } from '../chart/chart.ts'
import type {
  ChartRenderer,
  LintResult,
  Rendering,
  RenderOptions,
  RenderResult,
  RenderValues,
} from './chart-renderer.ts'

/** Changes whenever what is cached has another form. */
const form = 'v1'

/**
 * The renderer, with a store in front of it. What it refuses is not cached, nor what is asked for with `fresh`. A store
 * that fails costs time alone.
 */
export function cachedRenderer(renderer: ChartRenderer, store: BlobStore): ChartRenderer {
  return { ...renderer, open: async (archive) => openCached(renderer, store, archive) }
}

function openCached(renderer: ChartRenderer, store: BlobStore, archive: ChartArchive): Rendering {
  let opened: Promise<Rendering> | undefined
  const open = (): Promise<Rendering> => {
    opened ??= renderer.open(archive)
    return opened
  }
  const cached = async <Result>(question: unknown, ask: () => Promise<Result>): Promise<Result> => {
    const text = JSON.stringify([form, renderer.name, renderer.version, archive.digest, question])
    const key = `renderings/${createHash('sha256').update(text).digest('hex')}`
    const known = await readCached<Result>(store, key)
    if (known !== undefined) return known
    const result = await ask()
    await store.put(key, await promisify(gzip)(JSON.stringify(result))).catch(unlessStoreFails)
    return result
  }
  return {
    async render(values: RenderValues, options: RenderOptions = {}): Promise<RenderResult> {
      const { signal: _, timeoutMs: _time, fresh = false, ...context } = options
      const ask = async (): Promise<RenderResult> => (await open()).render(values, options)
      return fresh ? ask() : cached(['render', values, context], ask)
    },
    lint: (options): Promise<LintResult> => cached(['lint'], async () => (await open()).lint(options)),
    close: async () => (await opened)?.close(),
  }
}

/** Undefined where nothing is cached, or nothing that can be read. */
async function readCached<Result>(store: BlobStore, key: string): Promise<Result | undefined> {
  try {
    const bytes = await readBlob(store, key)
    return bytes === undefined ? undefined : JSON.parse((await promisify(gunzip)(bytes)).toString())
  } catch (error) {
    if (error instanceof Error) return undefined
    throw error
  }
}

function unlessStoreFails(error: unknown): void {
  if (!isChartferryError(error, 'STORE_UNAVAILABLE')) throw error
}
