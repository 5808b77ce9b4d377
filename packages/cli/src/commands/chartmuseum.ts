// `chartferry chartmuseum`: a server in ChartMuseum's place, with its flags.
import { once } from 'node:events'
import { version } from '@chartferry/core/internal'
import type { Command } from 'commander'
import { untilStopped } from '../flags/stop-signal.ts'

/** Adds the command. Its flags are ChartMuseum's own: the server reads them. */
export function addChartMuseumCommand(program: Command): void {
  program
    .command('chartmuseum')
    .description('Serve in the place of ChartMuseum: the same flags, environment, configuration file, API and storage.')
    .argument('[flags...]', 'as ChartMuseum takes them')
    .allowUnknownOption()
    .helpOption('-h, --help', 'print help')
    .addHelpText(
      'after',
      `
Every flag, and what becomes of it: docs/chartmuseum.md
Installed as the command chartmuseum too, so that scripts need not change.

Example:
  $ chartferry chartmuseum --port=8080 --storage=local --storage-local-rootdir=./charts
  $ STORAGE=amazon STORAGE_AMAZON_BUCKET=charts chartferry chartmuseum --depth=1
  $ chartferry chartmuseum --storage=local --storage-local-rootdir=./charts --gen-index`,
    )
    .action((_flags: readonly string[], _options: unknown, command: Command) =>
      untilStopped((signal) => serveUntil(command.args, signal)),
    )
}

async function serveUntil(args: readonly string[], signal: AbortSignal): Promise<void> {
  if (args.some((arg) => /^--?v(ersion)?$/.test(arg))) {
    console.log(`ChartMuseum version ${version} (chartferry)`)
    return
  }
  const { serveChartMuseum } = await import('@chartferry/server')
  const chartmuseum = await serveChartMuseum({ args })
  try {
    if (chartmuseum.index !== undefined) {
      process.stdout.write(chartmuseum.index)
      return
    }
    console.log(`chartferry ${version} in the place of ChartMuseum · ${chartmuseum.url}`)
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    await chartmuseum.close()
  }
}
