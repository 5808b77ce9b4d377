// `chartferry bundle serve`: registry and chart repository straight from a bundle.

import { once } from 'node:events'
import { ChartferryError } from '@chartferry/core'
import { isHost } from '@chartferry/core/oci'
import type { Command } from 'commander'
import { addBundleOptions, type BundleOptions, withBundle } from '../../flags/bundle-options.ts'
import { readText } from '../../flags/read-text.ts'
import { untilStopped } from '../../flags/stop-signal.ts'
import { say } from '../../print/say.ts'

interface ServeOptions extends BundleOptions {
  readonly listen: string
  readonly certFile?: string
  readonly keyFile?: string
  readonly quiet?: boolean
}

/** Adds the command. The server is loaded only when it is started. */
export function addBundleServeCommand(bundle: Command): void {
  const command = bundle
    .command('serve <file>')
    .summary('serve registry and chart repository from a bundle')
    .description(
      'Serve the images of a bundle as a registry and its charts as a repository, relocated to the address that they are asked for at. Nothing is unpacked, nothing is written, and helm is not needed.',
    )
    .option('--listen <host:port>', 'where to listen; without a host at all addresses', ':8080')
    .option('--cert-file <file>', 'own certificate, and those that signed it (PEM): HTTPS')
    .option('--key-file <file>', 'key of the own certificate (PEM)')
    .option('-q, --quiet', 'do not print a line for each request')
  addBundleOptions(command)
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'print help')
    .addHelpText(
      'after',
      `
Example:
  $ chartferry bundle serve shop.ferry
  $ chartferry bundle serve shop.ferry --bundle-key shop.pub --listen 10.0.0.5:80
  $ chartferry bundle serve shop.ferry --cert-file server.crt --key-file server.key --listen :8443`,
    )
    .action((file: string, options: ServeOptions) => untilStopped((signal) => serve(file, options, signal)))
}

async function serve(file: string, options: ServeOptions, signal: AbortSignal): Promise<void> {
  const at = addressOf(options.listen)
  const tls = await readPair(options)
  await withBundle(file, options, async (bundle) => {
    const { serveBundle } = await import('@chartferry/server')
    const running = await serveBundle(bundle, { ...at, tls, logLevel: options.quiet === true ? 'error' : 'info' })
    try {
      say(running.banner())
      if (!signal.aborted) await once(signal, 'abort')
    } finally {
      await running.close()
    }
  })
}

async function readPair({
  certFile,
  keyFile,
}: ServeOptions): Promise<{ readonly cert: string; readonly key: string } | undefined> {
  if (certFile === undefined && keyFile === undefined) return undefined
  if (certFile === undefined || keyFile === undefined)
    throw new ChartferryError('USAGE', 'a certificate and its key are wanted: --cert-file and --key-file')
  return { cert: await readText(certFile, 'certificate'), key: await readText(keyFile, 'key') }
}

function addressOf(listen: string): { readonly host: string | undefined; readonly port: number } {
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(listen) ?? []
  if (port === '' || Number(port) > 65_535 || (host !== '' && !isHost(host)))
    throw new ChartferryError('USAGE', `--listen ${listen}: write it as host:port`)
  return { host: host === '' ? undefined : host.replace(/^\[|\]$/g, ''), port: Number(port) }
}
