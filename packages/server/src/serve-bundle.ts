// Serves a bundle from where it lies: a read-only registry and a chart repository.
import { networkInterfaces } from 'node:os'
import { ChartferryError } from '@chartferry/core'
import { version } from '@chartferry/core/internal'
import { type Bundle, emitMirrors } from '@chartferry/core/transfer'
import { assembleBundle, bundleRepository } from './assemble/assemble-bundle.ts'
import { openListener } from './assemble/listener.ts'
import type { LogLevel, TlsConfig } from './config/config.ts'
import { tlsFault } from './config/tls-fault.ts'
import { logUncaught } from './metrics/log-uncaught.ts'
import { type LogTarget, openLog } from './metrics/open-log.ts'

export interface ServeBundleOptions {
  /** Default: all addresses. */
  readonly host?: string | undefined
  /** 0 takes any free one. Default: 8080. */
  readonly port?: number | undefined
  /** Our own certificate and key (PEM). Default: plain HTTP. */
  readonly tls?: Pick<TlsConfig, 'cert' | 'key'> | undefined
  /** Default: `info`. */
  readonly logLevel?: LogLevel | undefined
  /** Where log lines go, as JSON. Default: standard error, in columns where that is a terminal. */
  readonly logTo?: LogTarget
}

export interface RunningBundle {
  /** `host:port` by which other machines reach it. */
  readonly address: string
  readonly url: string
  /** What to print when it has started: what is inside, and the lines to type next. */
  banner(): string
  /** The bundle stays open. */
  close(): Promise<void>
}

/** Milliseconds that answers may take after the end was asked for. */
const stopWithin = 2000
/** Milliseconds for which a client may take nothing of an answer that is on its way. */
const answerSilence = 30_000
/** Milliseconds that a client may take to send a request. */
const requestTimeout = 60_000

/**
 * Starts serving; nothing is unpacked and nothing is written. Throws CONFIG_INVALID for an address that cannot be had,
 * and for a key that is not that of the certificate.
 */
export async function serveBundle(bundle: Bundle, options: ServeBundleOptions = {}): Promise<RunningBundle> {
  const { host = '0.0.0.0', port = 8080, tls, logLevel = 'info', logTo } = options
  const fault = tls && tlsFault(tls)
  if (fault !== undefined) throw new ChartferryError('CONFIG_INVALID', `certificate and key: ${fault}`)
  const log = openLog(logLevel, logTo)
  const stopLogging = logUncaught(log)
  const stopping = new AbortController()
  const handle = await assembleBundle(bundle, log, stopping.signal)
  const hint = 'Choose another host or port.'
  const listener = await openListener({
    address: { host, port },
    hint,
    tls,
    requestTimeout,
    silence: answerSilence,
    handle,
  })
  const { hostname, port: bound, protocol } = new URL(listener.url)
  const usual = protocol === 'https:' ? '443' : '80'
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const address = `${(isEverywhere ? outerAddress() : undefined) ?? hostname}:${bound || usual}`
  return {
    address,
    url: `${protocol}//${address}`,
    banner: () => bannerOf(bundle, address, protocol),
    close: async () => {
      stopping.abort()
      await listener.stop(stopWithin)
      stopLogging()
    },
  }
}

/** The first address of this machine that others can reach. */
function outerAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address
}

function bannerOf(bundle: Bundle, address: string, protocol: string): string {
  const url = `${protocol}//${address}`
  const plain = protocol === 'http:' ? ' --plain-http' : ''
  const { charts, images } = bundle.contents
  const [first] = charts
  const hosts = [...new Set(bundle.repositories().map((name) => name.slice(0, name.indexOf('/'))))]
  const [own = [], ...asMirror] = hostsFiles([address, ...hosts], address, protocol)
  const lines = [
    `chartferry ${version} · ${url} · ${bundle.name}: ${charts.length} charts, ${images.length} images`,
    '',
    ...(first === undefined
      ? []
      : [
          `  helm repo add ${bundleRepository} ${url}/${bundleRepository}`,
          `  helm pull oci://${address}/${bundleRepository}/${first.name} --version ${first.version}${plain}`,
        ]),
    ...(images.length === 0
      ? []
      : [
          `  images at ${address}, where the charts look for them`,
          '',
          ...own,
          ...(asMirror.length === 0 ? [] : ['  # as a mirror, for charts and manifests that name the images as ever']),
          ...asMirror.flat(),
        ]),
  ]
  return `${lines.join('\n')}\n`
}

/** What containerd needs to know to fetch the images of hosts from us, the lines of a file each. */
function hostsFiles(hosts: readonly string[], address: string, protocol: string): readonly (readonly string[])[] {
  // containerd 1.6 asks no mirror by an address of IPv6.
  if (address.startsWith('[')) return []
  const mirrors = hosts.map((registry) => ({ registry, mirror: { host: address, prefix: '' } }))
  const { files } = emitMirrors('hosts', { mirrors, others: [] }, [], {
    name: 'bundle',
    plainHttp: protocol === 'http:',
  })
  return files.map(({ path, text }) => {
    const folder = `/etc/containerd/certs.d/${path.replace(/\/[^/]*$/, '')}`
    return [`  mkdir -p ${folder} && cat > ${folder}/hosts.toml <<'END'`, ...text.trimEnd().split('\n'), 'END']
  })
}
