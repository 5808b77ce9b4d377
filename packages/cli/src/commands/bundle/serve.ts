// `chartferry bundle serve`: registry and chart repository straight from a bundle.
import { once } from 'node:events'
import {
  ChartferryError,
  findParts,
  isHost,
  type OpenBundleOptions,
  openBundle,
  parsePublicKey,
  verifyBundleSignature,
} from '@chartferry/core'
import type { Command } from 'commander'
import { readText } from '../../options/read-text.ts'
import { untilStopped } from '../../options/stop-signal.ts'

interface ServeOptions {
  readonly listen: string
  readonly base?: string
  readonly verifyKey?: string
  readonly quiet?: boolean
}

/** Adds the command to those of bundles. The server is loaded only when it is started. */
export function addServeCommand(bundle: Command): void {
  bundle
    .command('serve <file>')
    .summary('serve registry and chart repository from a bundle')
    .description(
      'Serve the images of a bundle as a registry and its charts as a repository, relocated to the address that they are asked for at. Nothing is unpacked, nothing is written, and helm is not needed.',
    )
    .option('--listen <host:port>', 'where to listen; without a host at all addresses', ':8080')
    .option('--base <file>', 'the bundle that this one was made on top of')
    .option('--verify-key <file>', 'serve only what was signed with the key of this public one (PEM)')
    .option('-q, --quiet', 'no line for each request')
    .helpOption('-h, --help', 'print help')
    .addHelpText(
      'after',
      `
Example:
  $ chartferry bundle serve shop.ferry
  $ chartferry bundle serve shop.ferry --verify-key shop.pub --listen 10.0.0.5:80`,
    )
    .action((file: string, options: ServeOptions) => untilStopped((signal) => serve(file, options, signal)))
}

async function serve(
  file: string,
  { base, verifyKey, listen, quiet }: ServeOptions,
  signal: AbortSignal,
): Promise<void> {
  const at = addressOf(listen)
  const under = base === undefined ? undefined : await openBundle(await findParts(base))
  const options: OpenBundleOptions = under === undefined ? {} : { base: under }
  const bundle = await openBundle(await findParts(file), options)
  try {
    if (verifyKey !== undefined)
      verifyBundleSignature(bundle, parsePublicKey(await readText(verifyKey, 'public key'), verifyKey))
    const { serveBundle } = await import('@chartferry/server')
    const running = await serveBundle(bundle, { ...at, logLevel: quiet === true ? 'error' : 'info' })
    try {
      console.log(running.banner())
      if (!signal.aborted) await once(signal, 'abort')
    } finally {
      await running.close()
    }
  } finally {
    await bundle.close()
    await under?.close()
  }
}

function addressOf(listen: string): { readonly host: string | undefined; readonly port: number } {
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(listen) ?? []
  if (port === '' || Number(port) > 65_535 || (host !== '' && !isHost(host)))
    throw new ChartferryError('USAGE', `--listen ${listen}: write it as host:port`)
  return { host: host === '' ? undefined : host.replace(/^\[|\]$/g, ''), port: Number(port) }
}
