// When a client counts as one of this very machine.
import { isIP } from 'node:net'

/** Whether an address is one by which a machine reaches itself. */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
}

/** Whether a `Host` header names this machine as only its own programs do: `localhost:8080`, `[::1]`. */
export function isLoopbackHost(header: string): boolean {
  const name = /^(.*?)(?::\d{1,5})?$/s.exec(header)?.[1]?.toLowerCase() ?? ''
  return name === 'localhost' || isLoopbackAddress(/^\[(.*)\]$/s.exec(name)?.[1] ?? name)
}

/** Where a listener is, and what the configuration says of those who come to it. */
export interface ListenerPlace {
  /** The address that it was told to listen on, or `localhost`. */
  readonly host: string
  /** What shows that others reach it through something on this machine. */
  readonly publicUrl?: string | undefined
  readonly trustedProxies?: readonly unknown[]
}

/**
 * Whether clients of this machine are known as such by the listener. Where others are meant to come, through a proxy or
 * a network, a connection of this machine says nothing of who is behind it.
 */
export function knowsLoopback({ host, publicUrl, trustedProxies = [] }: ListenerPlace): boolean {
  return (host === 'localhost' || isLoopbackAddress(host)) && publicUrl === undefined && trustedProxies.length === 0
}
