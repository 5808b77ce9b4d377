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

  it('is this machine only without a proxy', () => {
    for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])
      expect(from(address).isLoopback).toBe(true)
    for (const address of ['10.0.0.1', '', '::ffff:10.0.0.1', '127.0.0.1.evil'])
      expect(from(address).isLoopback).toBe(false)
    for (const header of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'])
      expect(from('127.0.0.1', { [header]: '127.0.0.1' }).isLoopback).toBe(false)
  })
})
