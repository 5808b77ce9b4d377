// `chartferry serve`: the repository proxy.
import { once } from 'node:events'
import type { Command } from 'commander'
import { untilStopped } from '../options/stop-signal.ts'

interface ServeOptions {
  readonly config?: string
}

/** Adds the command. The server is loaded only when it is started. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description(
      'Serve chart repositories: public ones, cached and served on when they are gone, and charts pushed here.',
    )
    .option('-c, --config <file>', 'configuration (default: chartferry-server.yaml, where there is one)')
    .helpOption('-h, --help', 'print help')
    .addHelpText(
      'after',
      `
Every setting can be given in the environment too: docs/configuration.md

Example:
  $ chartferry serve
  $ chartferry serve --config /etc/chartferry/chartferry-server.yaml`,
    )
    .action((options: ServeOptions) => untilStopped((signal) => serveUntil(options, signal)))
}

async function serveUntil({ config: file }: ServeOptions, signal: AbortSignal): Promise<void> {
  const { loadConfig, serve } = await import('@chartferry/server')
  const server = await serve({ config: await loadConfig(file === undefined ? {} : { file }) })
  try {
    console.log(await server.banner())
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    await server.close()
  }
}
