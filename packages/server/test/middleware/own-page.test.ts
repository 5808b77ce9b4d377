import type { Context } from 'koa'
import { describe, expect, it } from 'vitest'
import { refuseForeignPage } from '../../src/middleware/own-page.ts'
import { setClient } from '../../src/routes/caller.ts'

interface Asked {
  readonly host?: string
  readonly origin?: string
  readonly site?: string
  readonly isKnown?: boolean
  readonly publicUrl?: string
}

/** Whether a request that changes something passes. */
function passes({ host = 'charts.example.com', origin = '', site = '', isKnown = false, publicUrl }: Asked): boolean {
  const headers: Readonly<Record<string, string>> = { origin, 'sec-fetch-site': site }
  const ctx = { state: {}, get: (name: string) => headers[name] ?? '' } as unknown as Context
  setClient(ctx, { address: '10.0.0.1', isLoopback: false, protocol: 'http', host })
  try {
    refuseForeignPage(ctx, isKnown, { origins: ['https://portal.example.com', '*'], publicUrl })
    return true
  } catch {
    return false
  }
}

describe('refuseForeignPage', () => {
  it.each<[string, boolean, Asked]>([
    ['a program', true, {}],
    ['another site', false, { origin: 'https://evil.example.com' }],
    ['another port', false, { origin: 'http://charts.example.com:81', isKnown: true }],
    ['a frame without an origin', false, { origin: 'null', isKnown: true }],
    ['every site, which is for reading', false, { origin: '*' }],
    ['a site that was named', true, { origin: 'https://portal.example.com', site: 'same-site' }],
    ['our page of somebody who signed in', true, { origin: 'https://charts.example.com', isKnown: true }],
    [
      'our page in capital letters',
      true,
      { host: 'Charts.example.com', origin: 'http://charts.example.com', isKnown: true },
    ],
    ['our page under a name that anybody may have made', false, { origin: 'http://charts.example.com' }],
    [
      'our page under the name that we are known by',
      true,
      { origin: 'https://c.example', publicUrl: 'https://c.example/x' },
    ],
    ['our page under an address', true, { host: '10.0.0.7:8080', origin: 'http://10.0.0.7:8080' }],
    ['our page under an address of IPv6', true, { host: '[::1]:8080', origin: 'http://[::1]:8080' }],
    [
      'our page on this machine',
      true,
      { host: 'localhost:8080', origin: 'http://localhost:8080', site: 'same-origin' },
    ],
    ['what a browser calls another site', false, { origin: 'http://10.0.0.7', host: '10.0.0.7', site: 'cross-site' }],
    ['another site by a method without an origin', false, { site: 'cross-site' }],
    ['what somebody typed', true, { site: 'none' }],
  ])('%s: %s', (_, expected, asked) => {
    expect(passes(asked)).toBe(expected)
  })
})
