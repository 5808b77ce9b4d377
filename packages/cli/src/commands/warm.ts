// `chartferry warm`: the images of charts are fetched into the cache of a server before nodes ask for them.

import { ChartferryError } from '@chartferry/core'
import { bodyPieces, readBody, redactUrl } from '@chartferry/core/internal'
import type { Command } from 'commander'
import { chartImages } from '../flags/chart-images.ts'
import { addScenarioOptions, type ChartOptions } from '../flags/chart-options.ts'
import { chartRequest } from '../flags/chart-request.ts'
import { openCommandClient } from '../flags/command-client.ts'
import { addOutputOptions, type OutputOptions } from '../flags/output-options.ts'
import { addRegistryOptions } from '../flags/registry-options.ts'
import { untilStopped } from '../flags/stop-signal.ts'
import { printable } from '../print/printable.ts'
import { say, sayJson } from '../print/say.ts'

interface WarmOptions extends ChartOptions, OutputOptions {
  readonly server: string
  readonly token?: string
}

/** What the server says of an image. */
interface Prefetched {
  readonly image: string
  readonly digest?: string
  readonly fetched: number
  readonly bytes: number
  readonly error?: string
}

/** Adds the command. */
export function addWarmCommand(program: Command): void {
  const command = program
    .command('warm <chart...>')
    .description('Fetch all images of charts into the cache of a chartferry server, before nodes ask for them.')
    .requiredOption('--server <url>', 'the address of the server, or of its administration')
    .option('--token <token>', 'a token that may administer it')
  addOutputOptions(addRegistryOptions(addScenarioOptions(command)))
    .addHelpText(
      'after',
      `
The server must pull through the registries of the images: \`images.registries\` of its configuration.

Example:
  $ chartferry warm ./web-1.0.0.tgz --server http://127.0.0.1:8080`,
    )
    .action((charts: string[], options: WarmOptions) => untilStopped((signal) => warm(charts, options, signal)))
}

async function warm(charts: readonly string[], options: WarmOptions, signal: AbortSignal): Promise<void> {
  const images = new Set<string>()
  for (const chart of charts) for (const image of await imagesOf(chart, options, signal)) images.add(image)
  const client = await openCommandClient(options)
  const results: Prefetched[] = []
  try {
    const url = new URL('admin/prefetch', options.server.endsWith('/') ? options.server : `${options.server}/`)
    const response = await client.request(url, {
      method: 'POST',
      body: Buffer.from(JSON.stringify({ images: [...images] })),
      headers: { 'content-type': 'application/json' },
      ...(options.token === undefined ? {} : { credential: { kind: 'bearer', token: options.token } as const }),
      signal,
    })
    if (response.status !== 200) {
      const words = (await readBody(response, { maxBytes: 1 << 16 })).toString().slice(0, 300)
      const code = [401, 403].includes(response.status) ? 'UPSTREAM_DENIED' : 'UPSTREAM_INVALID'
      throw new ChartferryError(code, `${redactUrl(url)}: answered ${response.status}: ${words}`)
    }
    let text = ''
    for await (const piece of bodyPieces(response, { maxBytes: 64 << 20 })) {
      text += Buffer.from(piece).toString()
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const line = text.slice(0, end)
        text = text.slice(end + 1)
        // An empty line says that it still works.
        if (line === '') continue
        const result = JSON.parse(line) as Prefetched
        results.push(result)
        if (options.json !== true && options.quiet !== true) say(lineOf(result))
      }
    }
  } finally {
    await client.close()
  }
  if (options.json === true) sayJson({ images: results })
  const failed = results.filter(({ error }) => error !== undefined).length
  if (failed > 0 || results.length < images.size)
    throw new ChartferryError('UPSTREAM_INVALID', `${failed} of ${images.size} images are not in the cache`, {
      hint: 'The lines above say why; run the command again: what is there is not fetched again.',
    })
}

async function imagesOf(chart: string, options: WarmOptions, signal: AbortSignal): Promise<readonly string[]> {
  return (await chartImages(chartRequest(chart, options), signal)).map(({ reference }) => reference)
}

function lineOf({ image, fetched, bytes, error }: Prefetched): string {
  if (error !== undefined) return `✖ ${image}  ${printable(error)}`
  return fetched === 0 ? `✔ ${image}  was there` : `✔ ${image}  ${fetched} blobs, ${(bytes / 1e6).toFixed(1)} MB`
}
