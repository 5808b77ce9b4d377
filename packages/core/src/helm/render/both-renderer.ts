// The engine and helm side by side: every rendering is made by both and compared.
import { ChartferryError, isChartferryError } from '../../errors.ts'
import { formatPath } from '../yaml/path.ts'
import type { ChartRenderer, RenderedDocument, Rendering, RenderResult } from './chart-renderer.ts'
import { type Difference, diffDocuments, liesWithin } from './output/diff-documents.ts'
import { sameCluster } from './same-cluster.ts'

/**
 * A renderer that gives helm's result when the engine's is the same, value by value; what differs between two
 * renderings of one of them is set aside. `render` throws RENDERERS_DISAGREE with the first difference (`details`:
 * source, resource, path, engine, helm), also when one of them refuses what the other renders; where both refuse,
 * helm's error. The verdict of `lint` is helm's. Throws RENDERER_UNAVAILABLE when the engine follows another Helm than
 * the one given.
 */
export function bothRenderer(engine: ChartRenderer, helm: ChartRenderer): ChartRenderer {
  if (engine.helm !== helm.helm) {
    throw new ChartferryError(
      'RENDERER_UNAVAILABLE',
      `the engine follows Helm ${engine.version}, but the helm at hand is ${helm.version}: they cannot be compared`,
    )
  }
  return {
    name: 'both',
    version: helm.version,
    helm: helm.helm,
    traces: false,
    async open(archive) {
      const [ours, theirs] = [await engine.open(archive), await helm.open(archive)]
      return {
        async render(values, options) {
          const context = sameCluster(engine, options)
          const render = (rendering: Rendering): Promise<RenderResult> => rendering.render(values, context)
          const [engineResult, helmResult] = [await settle(render(ours)), await settle(render(theirs))]
          checkVerdicts(archive.fileName, engineResult, helmResult)
          if (helmResult instanceof ChartferryError) throw helmResult
          if (engineResult instanceof ChartferryError) throw engineResult
          await compare(archive.fileName, engineResult, helmResult, async () => [
            await render(ours),
            await render(theirs),
          ])
          return { ...helmResult, notes: engineResult.notes }
        },
        lint: (options) => theirs.lint(options),
        async close() {
          await Promise.all([ours.close(), theirs.close()])
        },
      }
    },
  }
}

/** The result, or the refusal of the chart. */
async function settle(rendering: Promise<RenderResult>): Promise<RenderResult | ChartferryError> {
  try {
    return await rendering
  } catch (error) {
    if (isChartferryError(error, 'RENDER_FAILED')) return error
    throw error
  }
}

function checkVerdicts(
  chart: string,
  engine: RenderResult | ChartferryError,
  helm: RenderResult | ChartferryError,
): void {
  const disagree = (message: string, cause: ChartferryError): never => {
    throw new ChartferryError('RENDERERS_DISAGREE', `${chart}: ${message}: ${cause.message}`, { cause })
  }
  if (engine instanceof ChartferryError && !(helm instanceof ChartferryError))
    disagree('helm renders what the engine refuses', engine)
  if (helm instanceof ChartferryError && !(engine instanceof ChartferryError))
    disagree('the engine renders what helm refuses', helm)
}

async function compare(
  chart: string,
  engine: RenderResult,
  helm: RenderResult,
  again: () => Promise<readonly [RenderResult, RenderResult]>,
): Promise<void> {
  const [ours, theirs] = [printed(engine), printed(helm)]
  const found = diffDocuments(theirs, ours)
  if (found.length > 0) {
    // Later than both, so that a clock that moved on between the two is seen.
    const [oursAgain, theirsAgain] = (await again()).map(printed)
    const volatile = [...diffDocuments(ours, oursAgain ?? []), ...diffDocuments(theirs, theirsAgain ?? [])]
    const first = found.find((difference) => !liesWithin(volatile, difference))
    if (first !== undefined) throw disagreement(chart, first)
  }
  const turn = theirs.findIndex(({ source }, index) => source !== ours[index]?.source)
  if (turn < 0) return
  const [source, instead] = [theirs[turn]?.source, ours[turn]?.source]
  throw new ChartferryError(
    'RENDERERS_DISAGREE',
    `${chart}: document ${turn + 1} is of ${source} by helm, of ${instead} by the engine`,
    { details: { source, engine: instead, helm: source } },
  )
}

/** All documents in the order of printing; the space behind the last of them is trimmed by helm alone. */
function printed({ documents, hooks }: RenderResult): readonly RenderedDocument[] {
  return [...documents, ...hooks].map(({ source, text }) => ({ source, text: text.trimEnd() }))
}

function disagreement(
  chart: string,
  { source, resource, path, before: helm, after: engine }: Difference,
): ChartferryError {
  return new ChartferryError(
    'RENDERERS_DISAGREE',
    `${chart}: ${[resource, formatPath(path)].join(' ').trim()} (${source}) is ${inWords(helm)} by helm, ${inWords(engine)} by the engine`,
    { details: { source, resource, path, engine: engine ?? null, helm: helm ?? null } },
  )
}

function inWords(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}
