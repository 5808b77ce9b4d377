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

/** The code of the error that a refused address gives. */
export const blockedCode = 'ADDRESS_BLOCKED'

/** Whether an address, or the host of a URL that is one, is link-local or a metadata service. */
export function isLinkLocal(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '')
  const family = isIP(address)
  return family !== 0 && blocked.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

/** `dns.lookup` without such addresses, so that what was checked is what is connected to. */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error !== null) return callback(error, '', 4)
    const allowed = found.filter(({ address }) => !isLinkLocal(address))
    const [first] = allowed
    if (first === undefined) {
      const refused: NodeJS.ErrnoException = new Error(`${hostname} resolves to a link-local address`)
      refused.code = blockedCode
      return callback(refused, '', 4)
    }
    if (options.all === true) callback(null, allowed)
    else callback(null, first.address, first.family)
  })
}
