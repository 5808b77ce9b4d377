// Who is at the other end of a connection: the client itself, or what a proxy that we trust says about it.
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Middleware } from 'koa'
import { type Client, setClient } from '../routes/caller.ts'

/** Headers by which proxies say for whom they speak: who sends one is not this machine's own client. */
const forwarding = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'via',
] as const

/** Finds out the client of each request. `isTrusted` says whose `X-Forwarded-*` headers are believed. */
export function findClient(isTrusted: (address: string) => boolean): Middleware {
  return async (ctx, next) => {
    setClient(ctx, clientOf(ctx.req, isTrusted))
    await next()
  }
}

/**
 * The client is the last address of `X-Forwarded-For` that is no trusted proxy: what stands before it anybody may have
 * written. `Forwarded` (RFC 7239) is not read.
 */
export function clientOf({ headers, socket }: IncomingMessage, isTrusted: (address: string) => boolean): Client {
  const peer = plainAddress(socket.remoteAddress ?? '')
  const direct: Client = {
    address: peer,
    isLoopback: isLoopback(peer) && !forwarding.some((name) => headers[name] !== undefined),
    protocol: (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http',
    host: headers.host ?? '',
  }
  if (!isTrusted(peer)) return direct
  const hops = listOf(headers['x-forwarded-for']).map(plainAddress)
  const address = hops.findLast((hop) => isIP(hop) === 0 || !isTrusted(hop)) ?? hops[0] ?? peer
  const protocol = listOf(headers['x-forwarded-proto']).at(-1)
  const host = listOf(headers['x-forwarded-host']).at(-1)
  return {
    // What is no address at all is not believed: then it is the proxy itself that asks.
    address: isIP(address) === 0 ? peer : address,
    isLoopback: direct.isLoopback,
    protocol: protocol === 'http' || protocol === 'https' ? protocol : direct.protocol,
    host: host !== undefined && /^[\w.:[\]-]{1,260}$/.test(host) ? host : direct.host,
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
}

/** Without the form of an IPv4 address in IPv6, and without brackets and port. */
function plainAddress(text: string): string {
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

function listOf(header: string | readonly string[] | undefined): string[] {
  return (typeof header === 'string' ? header : (header ?? []).join(','))
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
