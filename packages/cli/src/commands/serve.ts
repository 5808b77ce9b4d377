// `chartferry serve`: the repository proxy.

import { once } from 'node:events'
import type { RepositoryConfig } from '@chartferry/server'
import type { Command } from 'commander'
import { untilStopped } from '../flags/stop-signal.ts'
import { say, sayJson } from '../print/say.ts'
import { formatTable } from '../print/table.ts'

interface ServeOptions {
  readonly serverConfig?: string
  readonly check?: boolean
  readonly json?: boolean
}

/** Adds the command. The server is loaded only when it is started. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description(
      'Serve chart repositories: public ones, cached and served even when they are down, and charts pushed here.',
    )
    .option('--server-config <file>', 'configuration (default: chartferry-server.yaml, where there is one)')
    .option('--check', 'read the configuration, tell every fault in it, and end')
    .option('--json', 'with --check: one JSON document on standard output')
    .helpOption('-h, --help', 'print help')
    .addHelpText(
      'after',
      `
Every setting can be given in the environment too: docs/configuration.md
The configuration is read again when its files change, and on SIGHUP.

Example:
  $ chartferry serve
  $ chartferry serve --server-config /etc/chartferry/chartferry-server.yaml
  $ chartferry serve --server-config /etc/chartferry/chartferry-server.yaml --check`,
    )
    .action((options: ServeOptions) =>
      options.check === true ? check(options) : untilStopped((signal) => serveUntil(options, signal)),
    )
}

async function serveUntil({ serverConfig: file }: ServeOptions, signal: AbortSignal): Promise<void> {
  const { loadConfig, serve } = await import('@chartferry/server')
  const server = await serve({ load: () => loadConfig(file === undefined ? {} : { file }) })
  // A terminal that goes away sends SIGHUP too, and means the end.
  const reload = (): void => void server.reload().catch(() => {})
  if (process.stdin.isTTY !== true) process.on('SIGHUP', reload)
  try {
    say(await server.banner())
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    process.off('SIGHUP', reload)
    await server.close()
  }
}

/** Reads the configuration, with the environment and the files that it names; nothing is opened. Throws CONFIG_INVALID. */
async function check({ serverConfig: file, json }: ServeOptions): Promise<void> {
  const { loadConfig } = await import('@chartferry/server')
  const config = await loadConfig(file === undefined ? {} : { file })
  const { host, port, data, s3, repositories, files } = config
  const kept = s3 === undefined ? data : `s3://${s3.bucket}`
  if (json === true) {
    const names = [...repositories].map(([name, { kind }]) => ({ name, kind }))
    sayJson({ files, listen: `${host}:${port}`, data: kept, repositories: names })
    return
  }
  const read = files.length === 0 ? 'no file was found; the defaults and the environment count' : files.join('\n      ')
  const rows = [...repositories].map(([name, repository]) => [`  ${name}`, repository.kind, sourceOf(repository)])
  say(
    `the configuration has no faults\nread  ${read}\nlistens at ${host}:${port} · data in ${kept}\n${formatTable(rows)}`,
  )
}

/** Where the charts of a repository come from, for a line of `--check`. */
function sourceOf(repository: RepositoryConfig): string {
  if (repository.kind === 'proxy') return repository.url
  if (repository.kind === 'group') return repository.members.join(', ')
  return repository.kind === 'relocated' ? `${repository.relocation.of} for ${repository.relocation.to}` : ''
}
