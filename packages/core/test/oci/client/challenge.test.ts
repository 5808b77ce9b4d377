import { describe, expect, it } from 'vitest'
import { parseChallenges, realmRefusal } from '../../../src/oci/client/challenge.ts'

describe('parseChallenges', () => {
  it('reads parameters in quotes, with commas inside them', () => {
    const header =
      'Bearer realm="https://auth.example.com/token",service="registry",scope="repository:a/b:pull,push", error=insufficient_scope'
    expect(parseChallenges(header)).toEqual([
      {
        scheme: 'bearer',
        parameters: {
          realm: 'https://auth.example.com/token',
          service: 'registry',
          scope: 'repository:a/b:pull,push',
          error: 'insufficient_scope',
        },
      },
    ])
  })

  it('reads several challenges of one header, and escapes', () => {
    expect(parseChallenges('Basic realm="a \\"b\\"", Bearer realm="https://x"')).toEqual([
      { scheme: 'basic', parameters: { realm: 'a "b"' } },
      { scheme: 'bearer', parameters: { realm: 'https://x' } },
    ])
  })

  it.each(['', '   ', '"', '=', 'Bearer realm="never ends', ',,,'])('survives %j', (header) => {
    expect(Array.isArray(parseChallenges(header))).toBe(true)
  })
})

describe('realmRefusal', () => {
  const judge = (registry: string, realm: string, trusted: readonly string[] = []): string | undefined =>
    realmRefusal(new URL(registry), new URL(realm), trusted)

  it.each([
    ['https://registry-1.docker.io', 'https://auth.docker.io/token'],
    ['https://registry.gitlab.com', 'https://gitlab.com/jwt/auth'],
    ['https://quay.io', 'https://quay.io/v2/auth'],
    ['https://registry.corp:5000', 'https://registry.corp:5001/auth'],
    ['http://127.0.0.1:5000', 'http://127.0.0.1:5001/token'],
    ['https://registry.example.co.uk', 'https://auth.example.co.uk/token'],
  ])('lets %s send credentials to %s', (registry, realm) => expect(judge(registry, realm)).toBeUndefined())

  it.each([
    ['https://registry.example.com', 'http://auth.example.com/token', 'without TLS'],
    ['https://registry.example.com', 'https://evil.net/token', 'another host'],
    ['https://registry.example.com', 'https://registry.example.com.evil.net/token', 'another host'],
    ['https://mine.azurecr.io', 'https://theirs.azurecr.io/token', 'another host'],
    ['https://a.co.uk', 'https://b.co.uk/token', 'another host'],
    ['https://10.0.0.1', 'https://10.0.0.2/token', 'another host'],
    ['https://registry.example.com', 'file:///etc/passwd', 'no HTTP'],
  ])('lets %s not send credentials to %s', (registry, realm, why) => expect(judge(registry, realm)).toContain(why))

  it('lets the user trust a host', () => {
    expect(judge('https://registry.example.com', 'https://sso.other.com/token', ['sso.other.com'])).toBeUndefined()
    expect(judge('https://registry.example.com', 'http://sso.other.com/token', ['sso.other.com'])).toContain(
      'without TLS',
    )
  })
})
