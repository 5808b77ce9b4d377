// The form of the settings about clients: encryption, proxies before us, pages of other sites, and how often one asks.
import { BlockList, isIP } from 'node:net'
import * as v from 'valibot'
import { count, duration, httpUrl, text } from './scalars.ts'

/** Networks whose word about the client is believed. */
export interface NetworkRange {
  readonly address: string
  /** Bits that count. */
  readonly prefix: number
}

const network: v.GenericSchema<string, NetworkRange> = v.pipe(
  v.string('write it as 10.0.0.0/8, 192.0.2.1 or fd00::/8'),
  v.check((value) => rangeOf(value) !== undefined, 'write it as 10.0.0.0/8, 192.0.2.1 or fd00::/8'),
  v.transform((value) => rangeOf(value) ?? { address: value, prefix: 0 }),
)

const origin = v.pipe(
  v.string('write it as https://charts.example.com'),
  v.check(
    (value) => value === '*' || URL.parse(value)?.origin === value,
    'write it as https://charts.example.com, without a path, or *',
  ),
)

export const tlsSchema: v.GenericSchema<unknown, TlsDocument> = v.strictObject({
  certFile: text,
  keyFile: text,
  clientCaFile: v.optional(text),
})

export const trustedProxiesSchema: v.GenericSchema<unknown, readonly NetworkRange[]> = v.array(
  network,
  'must be a list of networks',
)

export const corsSchema: v.GenericSchema<unknown, CorsDocument> = v.strictObject({
  origins: v.pipe(v.array(origin, 'must be a list of origins'), v.minLength(1, 'must name one')),
})

export const rateLimitSchema: v.GenericSchema<unknown, RateLimitDocument> = v.strictObject({
  requests: count,
  per: v.optional(v.pipe(duration, v.minValue(1, 'must be longer')), '1m'),
})

export const webhooksSchema: v.GenericSchema<unknown, readonly WebhookDocument[]> = v.array(
  v.strictObject({
    url: httpUrl,
    secret: v.optional(text),
    secretFile: v.optional(text),
    repositories: v.optional(v.array(text, 'must be a list of repositories')),
  }),
  'must be a list',
)

/** The setting `tls` as the file has it. */
export interface TlsDocument {
  readonly certFile: string
  readonly keyFile: string
  readonly clientCaFile?: string | undefined
}

export interface CorsDocument {
  readonly origins: readonly string[]
}

export interface RateLimitDocument {
  readonly requests: number
  /** Milliseconds. */
  readonly per: number
}

export interface WebhookDocument {
  readonly url: string
  readonly secret?: string | undefined
  readonly secretFile?: string | undefined
  readonly repositories?: readonly string[] | undefined
}

function rangeOf(text: string): NetworkRange | undefined {
  const match = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text)
  const [, address = '', bits] = match ?? []
  const family = isIP(address)
  const longest = family === 6 ? 128 : 32
  const prefix = bits === undefined ? longest : Number(bits)
  return family === 0 || prefix > longest ? undefined : { address, prefix }
}

/** Answers whether an address is in one of the networks. */
export function networkList(ranges: readonly NetworkRange[]): (address: string) => boolean {
  const list = new BlockList()
  for (const { address, prefix } of ranges) list.addSubnet(address, prefix, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  return (address) => {
    const family = isIP(address)
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
}
