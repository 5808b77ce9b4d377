import { describe, expect, it } from 'vitest'
import { proxySettings } from '../../../src/oci/http/proxy-settings.ts'

const proxy = { HTTP_PROXY: 'http://proxy.corp:3128' }

describe('proxySettings', () => {
  it('takes a proxy without a scheme, and small letters first', () => {
    expect(proxySettings({ HTTP_PROXY: 'proxy.corp:3128' })?.agent.httpProxy).toBe('http://proxy.corp:3128')
    expect(proxySettings({ HTTPS_PROXY: 'a:1', https_proxy: 'b:2' })?.agent.httpsProxy).toBe('http://b:2')
    expect(proxySettings({ HTTP_PROXY: ' ', NO_PROXY: '*' })).toBeUndefined()
    expect(proxySettings({ HTTP_PROXY: 'user:pa@[::1]:8080' })?.agent.httpProxy).toBe('http://user:pa@[::1]:8080')
  })

  it.each(['socks5://proxy.corp:1080', 'http://'])('refuses %s with a word', (HTTP_PROXY) => {
    expect(() => proxySettings({ HTTP_PROXY })).toThrow('HTTP_PROXY: not a proxy')
  })

  it.each([
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['example.com, 192.168.1.0/24 127.0.0.0/8', '127.0.0.1', true],
    ['fd00::/8', '[fd12::1]', true],
    ['::1', '[::1]', true],
    ['10.0.0.0/33', '10.1.2.3', false],
    ['10.0.0.0/8', 'ten.corp', false],
  ])('with NO_PROXY=%s, %s is reached past it: %s', (NO_PROXY, host, expected) => {
    expect(proxySettings({ ...proxy, NO_PROXY })?.isExcluded(host)).toBe(expected)
  })

  it('leaves names to the agent', () => {
    expect(proxySettings({ ...proxy, NO_PROXY: 'a.corp,10.0.0.0/8,.b.corp:80' })?.agent.noProxy).toBe(
      'a.corp,.b.corp:80',
    )
  })
})
