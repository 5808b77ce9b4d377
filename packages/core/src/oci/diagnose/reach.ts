// Whether a registry can be reached from here, a step after the other: its name, its port, what it speaks, its certificate.
import { lookup } from 'node:dns/promises'
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { messageOf } from '../../errors.ts'
import type { Finding } from './finding.ts'

export interface ReachOptions {
  /** Host, and port where there is one. */
  readonly host: string
  /** Whether it is to speak http. */
  readonly plainHttp: boolean
  /** Certificates (PEM) to trust; undefined for those of the system. */
  readonly ca?: string | readonly string[] | undefined
  /** Milliseconds that each step may take. Default: 5,000. */
  readonly timeout?: number
}

interface Place {
  readonly name: string
  readonly port: number
}

/** The findings, up to the first that is a fault. Never throws for what the network does. */
export async function reachRegistry(options: ReachOptions): Promise<readonly Finding[]> {
  const place = placeOf(options)
  const findings: Finding[] = []
  for (const check of [checkName, checkPort, checkProtocol, checkCertificate]) {
    const finding = await check(place, options)
    if (finding === undefined) continue
    findings.push(finding)
    if (!finding.isGood) break
  }
  return findings
}

function placeOf({ host, plainHttp }: ReachOptions): Place {
  const url = new URL(`${plainHttp ? 'http' : 'https'}://${host === 'docker.io' ? 'registry-1.docker.io' : host}`)
  return { name: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || (plainHttp ? 80 : 443)) }
}

async function checkName({ name }: Place): Promise<Finding> {
  try {
    const found = await lookup(name, { all: true })
    const addresses = [...new Set(found.map(({ address }) => address))].join(', ')
    return {
      step: 'name',
      isGood: true,
      message: addresses === name ? `${name} is an address` : `${name} is ${addresses}`,
    }
  } catch (error) {
    return {
      step: 'name',
      isGood: false,
      message: `${name} does not resolve here (${codeOf(error)})`,
      mend: `Add ${name} to DNS, or to the nodes: chartferry node-config --format etc-hosts --server URL --name ${name}; to the cluster: --format coredns`,
    }
  }
}

async function checkPort({ name, port }: Place, { timeout = 5000 }: ReachOptions): Promise<Finding> {
  try {
    const socket = await opened(connectPlain({ host: name, port }), 'connect', timeout)
    socket.destroy()
    return { step: 'port', isGood: true, message: `${name} answers on port ${port}` }
  } catch (error) {
    const isRefused = codeOf(error) === 'ECONNREFUSED'
    return {
      step: 'port',
      isGood: false,
      message: `nothing answers on port ${port} of ${name} (${codeOf(error)})`,
      mend: isRefused
        ? 'Start the registry there, or give the port that it listens on.'
        : 'Look for a firewall or a network policy between here and there.',
    }
  }
}

/** What the other side speaks, whatever its certificate. */
async function checkProtocol({ name, port }: Place, { plainHttp, timeout = 5000 }: ReachOptions): Promise<Finding> {
  const speaksTls = await opened(
    connectTls({ host: name, port, rejectUnauthorized: false, ...serverName(name) }),
    'secureConnect',
    timeout,
  ).then(
    (socket) => {
      socket.destroy()
      return true
    },
    () => false,
  )
  const protocol = speaksTls ? 'https' : 'http'
  const wanted = plainHttp ? 'http' : 'https'
  if (protocol === wanted) return { step: 'protocol', isGood: true, message: `it speaks ${protocol}` }
  return {
    step: 'protocol',
    isGood: false,
    message: `it speaks ${protocol}, and is asked by ${wanted}`,
    mend: speaksTls
      ? 'Leave out --plain-http, here and in what nodes are told.'
      : 'Give --plain-http here and to chartferry node-config, or give the registry a certificate.',
  }
}

async function checkCertificate(
  { name, port }: Place,
  { plainHttp, ca, timeout = 5000 }: ReachOptions,
): Promise<Finding | undefined> {
  if (plainHttp) return undefined
  try {
    const options = ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }
    const socket = await opened(
      connectTls({ host: name, port, ...serverName(name), ...options }),
      'secureConnect',
      timeout,
    )
    const { subject, valid_to: until } = (socket as TLSSocket).getPeerCertificate()
    socket.destroy()
    return {
      step: 'certificate',
      isGood: true,
      message: `its certificate (${String(subject?.CN ?? name)}) is trusted until ${until}`,
    }
  } catch (error) {
    const code = codeOf(error)
    return {
      step: 'certificate',
      isGood: false,
      message: `its certificate is not believed: ${messageOf(error)} (${code})`,
      mend: certificateAdvice(code),
    }
  }
}

function certificateAdvice(code: string): string {
  if (code === 'CERT_HAS_EXPIRED') return 'Renew the certificate of the registry.'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'Ask the registry by a name that its certificate has, or give it one for this name.'
  return 'Give the certificate of the authority that signed it: --ca-file FILE here, --mirror-ca PATH to chartferry node-config.'
}

/** No name of a server is sent for an address. */
const serverName = (name: string): { readonly servername?: string } =>
  /^[\d.]+$|:/.test(name) ? {} : { servername: name }

function opened<Opened extends Socket>(
  socket: Opened,
  event: 'connect' | 'secureConnect',
  timeout: number,
): Promise<Opened> {
  return new Promise((resolve, reject) => {
    socket.setTimeout(timeout, () =>
      socket.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })),
    )
    socket.once(event, () => {
      socket.setTimeout(0)
      resolve(socket)
    })
    socket.on('error', reject)
    socket.once('close', () => reject(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })))
  })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : messageOf(error)
}
