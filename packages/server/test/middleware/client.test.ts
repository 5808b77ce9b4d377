import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { networkList } from '../../src/config/network-schema.ts'
import { clientOf } from '../../src/middleware/client.ts'

const isTrusted = networkList([
  { address: '10.0.0.0', prefix: 8 },
  { address: '127.0.0.1', prefix: 32 },
  { address: 'fd00::', prefix: 8 },
])
const from = (remoteAddress: string, headers: Record<string, string> = {}): ReturnType<typeof clientOf> =>
  clientOf(
    { socket: { remoteAddress }, headers: { host: 'charts:80', ...headers } } as unknown as IncomingMessage,
    isTrusted,
  )

describe('clientOf', () => {
  it('is the peer, whatever it says about others', () => {
    expect(
      from('203.0.113.7', { 'x-forwarded-for': '10.1.1.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil' }),
    ).toEqual({
      address: '203.0.113.7',
      isLoopback: false,
      protocol: 'http',
      host: 'charts:80',
    })
  })

  it.each([
    ['10.0.0.1', '198.51.100.9', '198.51.100.9'],
    ['10.0.0.1', 'evil, 198.51.100.9', '198.51.100.9'],
    ['10.0.0.1', '1.1.1.1, 198.51.100.9, 10.0.0.2', '198.51.100.9'],
    ['::ffff:10.0.0.1', '198.51.100.9:4711', '198.51.100.9'],
    ['fd00::1', '[2001:db8::1]:443', '2001:db8::1'],
    ['10.0.0.1', '10.0.0.9, 10.0.0.2', '10.0.0.9'],
    ['10.0.0.1', '198.51.100.9, unknown', '10.0.0.1'],
    ['10.0.0.1', '', '10.0.0.1'],
  ])('behind %s with %j is %s', (peer, forwarded, address) => {
    expect(from(peer, { 'x-forwarded-for': forwarded }).address).toBe(address)
  })

  it('takes scheme and host of a trusted proxy, if they are some', () => {
    expect(from('10.0.0.1', { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'charts.example.com' })).toMatchObject({
      protocol: 'https',
      host: 'charts.example.com',
    })
    expect(from('10.0.0.1', { 'x-forwarded-proto': 'javascript', 'x-forwarded-host': 'a"b' })).toMatchObject({
      protocol: 'http',
      host: 'charts:80',
    })
  })

  describe('of this machine', () => {
    const isLocal = (peer: string, headers: Record<string, string> = {}, httpVersion = '1.1', knows = true): boolean =>
      clientOf(
        {
          socket: { remoteAddress: peer },
          httpVersion,
          headers: { host: 'localhost:8080', ...headers },
        } as unknown as IncomingMessage,
        isTrusted,
        knows,
      ).isLoopback

    it('is one by its address', () => {
      for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) expect(isLocal(address)).toBe(true)
      for (const address of ['10.0.0.1', '', '::ffff:10.0.0.1', '127.0.0.1.evil']) expect(isLocal(address)).toBe(false)
    })

    it('calls us by a name of this machine', () => {
      for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:8080', '[::1]:8080', '[::1]', '127.8.8.8'])
        expect(isLocal('127.0.0.1', { host })).toBe(true)
      for (const host of [
        '',
        'evil.example',
        'localhost.evil.example',
        '127.0.0.1.evil.example:80',
        '[::2]',
        '0.0.0.0',
      ])
        expect(isLocal('127.0.0.1', { host })).toBe(false)
    })

    it.each([
      'x-forwarded-for',
      'x-forwarded-anything',
      'forwarded',
      'via',
      'x-real-ip',
      'x-client-ip',
      'true-client-ip',
      'cf-connecting-ip',
      'x-cluster-client-ip',
      'fastly-client-ip',
      'x-original-forwarded-for',
      'x-envoy-external-address',
    ])('is not one that says %s, as proxies do', (header) =>
      expect(isLocal('127.0.0.1', { [header]: '127.0.0.1' })).toBe(false),
    )

    it('speaks HTTP/1.1, and is known only where others do not come', () => {
      expect(isLocal('127.0.0.1', {}, '1.0')).toBe(false)
      expect(isLocal('127.0.0.1', {}, '1.1', false)).toBe(false)
    })
  })
})
