// The proxy of the environment, as Go's programs and curl take it (golang.org/x/net/http/httpproxy).
import { BlockList, isIP } from 'node:net'
import { ChartferryError } from '../../errors.ts'

export interface ProxySettings {
  /** As undici takes them. */
  readonly agent: { readonly httpProxy: string; readonly httpsProxy: string; readonly noProxy: string }
  /** Whether the host of a URL is an address in a network that NO_PROXY names. */
  readonly isExcluded: (host: string) => boolean
}

/**
 * Reads HTTP_PROXY, HTTPS_PROXY and NO_PROXY, or those in small letters, which count first. A proxy without a scheme
 * speaks http. Undefined where there is none. Throws CONFIG_INVALID for one that is no URL.
 */
export function proxySettings(environment: Readonly<Record<string, string | undefined>>): ProxySettings | undefined {
  const read = (name: string): string => environment[name.toLowerCase()] || environment[name] || ''
  const [httpProxy, httpsProxy] = [proxyUrl('HTTP_PROXY', read), proxyUrl('HTTPS_PROXY', read)]
  if (httpProxy === '' && httpsProxy === '') return undefined
  const entries = read('NO_PROXY')
    .split(/[\s,]+/)
    .filter(Boolean)
  const networks = new BlockList()
  const names: string[] = []
  for (const entry of entries) if (!addNetwork(networks, entry)) names.push(entry)
  return {
    agent: { httpProxy, httpsProxy, noProxy: names.join(',') },
    isExcluded: (host) => {
      const address = host.replace(/^\[|\]$/g, '')
      const family = isIP(address)
      return family !== 0 && networks.check(address, family === 6 ? 'ipv6' : 'ipv4')
    },
  }
}

function proxyUrl(name: string, read: (name: string) => string): string {
  const text = read(name).trim()
  if (text === '') return ''
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  const url = URL.parse(full)
  if (url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '') return full
  throw new ChartferryError('CONFIG_INVALID', `${name}: not a proxy that is reached by http or https`, {
    hint: 'Write it as http://host:port.',
  })
}

/** Adds `10.0.0.0/8`, `fd00::/8`, or an address alone; false where it is none of them. */
function addNetwork(networks: BlockList, entry: string): boolean {
  const [address = '', length] = entry.replace(/^\[(.*)\]$/, '$1').split('/')
  const family = isIP(address)
  if (family === 0) return false
  const most = family === 6 ? 128 : 32
  const bits = length === undefined ? most : Number(length)
  if (!Number.isInteger(bits) || bits < 0 || bits > most) return false
  networks.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4')
  return true
}
