// `chartferry serve`: the repository proxy.
import { once } from 'node:events'
import type { Command } from 'commander'
import { untilStopped } from '../flags/stop-signal.ts'

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
The configuration is read again when its files change, and on SIGHUP.

Example:
  $ chartferry serve
  $ chartferry serve --config /etc/chartferry/chartferry-server.yaml`,
    )
    .action((options: ServeOptions) => untilStopped((signal) => serveUntil(options, signal)))
}

async function serveUntil({ config: file }: ServeOptions, signal: AbortSignal): Promise<void> {
  const { loadConfig, serve } = await import('@chartferry/server')
  const server = await serve({ load: () => loadConfig(file === undefined ? {} : { file }) })
  // A terminal that goes away sends SIGHUP too, and means the end.
  const reload = (): void => void server.reload().catch(() => {})
  if (process.stdin.isTTY !== true) process.on('SIGHUP', reload)
  try {
    console.log(await server.banner())
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    process.off('SIGHUP', reload)
    await server.close()
  }
}
