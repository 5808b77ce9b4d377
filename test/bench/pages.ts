// What pages weigh and how fast a browser can use them, with 3,000 charts of five versions each.
// node --conditions=@chartferry/source test/bench/pages.ts [RUNS]   default: 5 runs, medians
import process from 'node:process'
import { chromium } from 'playwright-core'
import { locateTool } from '../../scripts/tools.ts'
import { startServer } from '../kit/server.ts'
import { startUpstream } from '../kit/upstream.ts'

const runs = Number(process.argv[2] ?? 5)
const chartCount = 3000
const words = ['cache', 'database', 'proxy', 'operator', 'dashboard', 'queue', 'registry', 'gateway']

/** An index whose charts have descriptions, keywords and versions as real ones do. */
function largeIndex(): string {
  const entries = Array.from({ length: chartCount }, (_, at) => {
    const name = `${words[at % words.length]}-${at}`
    const keywords = [words[at % words.length], words[(at * 3) % words.length]]
    const description = `A ${keywords.join(' and a ')} for Kubernetes, number ${at}, with words that are as long as those of real charts.`
    const versions = Array.from({ length: 5 }, (_each, version) => ({
      apiVersion: 'v2',
      name,
      version: `1.${4 - version}.0`,
      appVersion: `2.${version}`,
      created: '2026-05-01T00:00:00Z',
      digest: `${at}${version}`.padStart(64, '0'),
      description,
      keywords,
      urls: [`charts/${name}-1.${4 - version}.0.tgz`],
    }))
    return [name, versions] as const
  })
  return JSON.stringify({ apiVersion: 'v1', generated: '2026-05-01T00:00:00Z', entries: Object.fromEntries(entries) })
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

const upstream = await startUpstream()
upstream.setIndex(largeIndex())
const server = await startServer({ repositories: { large: upstream.url }, settings: { freshFor: '1h' } })
await server.ask('/large/index.yaml')
const browser = await chromium.launch({ executablePath: locateTool('chromium') ?? 'chromium', args: ['--no-sandbox'] })

interface Timing {
  readonly weight: number
  readonly first: number
  readonly interactive: number
}

async function visit(path: string): Promise<Timing> {
  // A browser that was never here: nothing is cached.
  const page = await browser.newPage()
  await page.goto(server.url + path, { waitUntil: 'load' })
  const timing = (await page.evaluate(`(() => {
    const [navigation] = performance.getEntriesByType('navigation')
    const all = [navigation, ...performance.getEntriesByType('resource')]
    return {
      weight: all.reduce((sum, { transferSize }) => sum + transferSize, 0),
      first: navigation.responseStart,
      interactive: navigation.domContentLoadedEventEnd,
    }
  })()`)) as Timing
  await page.close()
  return timing
}

const paths = [
  '/',
  '/-/search?q=database',
  '/-/search?q=',
  '/large',
  '/large?q=queue+gateway',
  '/large/chart/cache-0/1.0.0/versions',
]
await visit('/')
for (const path of paths) {
  const timings: Timing[] = []
  for (let run = 0; run < runs; run++) timings.push(await visit(path))
  const [weight, first, interactive] = (['weight', 'first', 'interactive'] as const).map((key) =>
    median(timings.map((timing) => timing[key])),
  )
  console.log(
    `${path.padEnd(40)} ${((weight ?? 0) / 1000).toFixed(1).padStart(7)} kB  first byte ${first?.toFixed(0).padStart(4)} ms  interactive ${interactive?.toFixed(0).padStart(4)} ms`,
  )
}
await browser.close()
await server.close()
await upstream.close()
