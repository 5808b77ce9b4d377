// Addresses that only the machine's own network answers: what foreign URLs must not make us ask (cloud metadata above
// all).
import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

const blocked = new BlockList()
blocked.addSubnet('169.254.0.0', 16)
blocked.addSubnet('fe80::', 10, 'ipv6')
blocked.addAddress('fd00:ec2::254', 'ipv6')
blocked.addAddress('100.100.100.200')
blocked.addAddress('192.0.0.192')

/** Networks that are somebody's own (RFC 1918, 4193, 6598), this machine, and what leads to them through IPv6. */
const own = new BlockList()
own.addSubnet('0.0.0.0', 8)
own.addSubnet('10.0.0.0', 8)
own.addSubnet('100.64.0.0', 10)
own.addSubnet('127.0.0.0', 8)
own.addSubnet('172.16.0.0', 12)
own.addSubnet('192.168.0.0', 16)
own.addAddress('::', 'ipv6')
own.addAddress('::1', 'ipv6')
own.addSubnet('fc00::', 7, 'ipv6')
own.addSubnet('64:ff9b::', 96, 'ipv6')

/** The code of the error that a refused address gives. */
export const blockedCode = 'ADDRESS_BLOCKED'

/** Whether an address, or the host of a URL that is one, is link-local or a metadata service. */
export function isLinkLocal(host: string): boolean {
  return isIn(blocked, host)
}

/** Whether an address, or the host of a URL that is one, is link-local or in a private network. */
export function isPrivate(host: string): boolean {
  return isIn(blocked, host) || isIn(own, host)
}

function isIn(list: BlockList, host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '')
  const family = isIP(address)
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

/** `dns.lookup` without the addresses that are blocked, so that what was checked is what is connected to. */
export function guardedLookup(isBlocked: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 4)
      const allowed = found.filter(({ address }) => !isBlocked(address))
      const [first] = allowed
      if (first === undefined) {
        const refused: NodeJS.ErrnoException = new Error(`${hostname} resolves to an address that is not allowed`)
        refused.code = blockedCode
        return callback(refused, '', 4)
      }
      if (options.all === true) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}
