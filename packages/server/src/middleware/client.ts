// Who is at the other end of a connection: the client itself, or what a proxy that we trust says about it.
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Middleware } from 'koa'
import { isLoopbackAddress, isLoopbackHost } from '../config/loopback.ts'
import { type Client, setClient } from '../routes/caller.ts'

/** Headers by which proxies say for whom they speak: who sends one is not this machine's own client. */
const forwarding =
  /^(?:forwarded|via|x-real-ip|x-scheme|x-request-start|x-proxyuser-ip|x-amzn-trace-id|(?:x-|true-|fastly-|cf-)?(?:cluster-)?(?:client|connecting)-ip|x-(?:forwarded|original|envoy)-.*)$/

/**
 * Finds out the client of each request. `isTrusted` says whose `X-Forwarded-*` headers are believed; `knowsLoopback`
 * whether clients of this machine are told from others.
 */
export function findClient(isTrusted: (address: string) => boolean, knowsLoopback: boolean): Middleware {
  return async (ctx, next) => {
    setClient(ctx, clientOf(ctx.req, isTrusted, knowsLoopback))
    await next()
  }
}

/**
 * The client is the last address of `X-Forwarded-For` that is no trusted proxy: what stands before it anybody may have
 * written. `Forwarded` (RFC 7239) is not read. A client of this machine calls it by a name of this machine, says
 * nothing of others, and speaks HTTP/1.1: a page that reaches us by another name, or a proxy, does not.
 */
export function clientOf(
  { headers, socket, httpVersion }: IncomingMessage,
  isTrusted: (address: string) => boolean,
  knowsLoopback = false,
): Client {
  const peer = plainAddress(socket.remoteAddress ?? '')
  const direct: Client = {
    address: peer,
    isLoopback:
      knowsLoopback &&
      isLoopbackAddress(peer) &&
      isLoopbackHost(headers.host ?? '') &&
      httpVersion !== '1.0' &&
      !Object.keys(headers).some((name) => forwarding.test(name)),
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
