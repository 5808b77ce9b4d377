import { isChartferryError } from '@chartferry/core'
import { describe, expect, it } from 'vitest'
import type { ServerConfig } from '../../src/config/config.ts'
import { configSchema } from '../../src/config/config-schema.ts'
import { environmentNames } from '../../src/config/environment.ts'
import { parseConfig } from '../../src/config/load-config.ts'

const parse = (text: string, environment: Record<string, string>): Promise<ServerConfig> =>
  parseConfig(text, { file: 'server.yaml', environment, overrides: {} })

describe('the environment', () => {
  it('has a variable for every setting of the file', () => {
    const { entries } = configSchema as unknown as { entries: object }
    const tops = new Set(Object.values(environmentNames).map((path) => path.split('.')[0]))
    expect([...tops]).toEqual(Object.keys(entries))
    expect(environmentNames).toMatchObject({
      CHARTFERRY_TLS_CERT_FILE: 'tls.certFile',
      CHARTFERRY_LIMITS_ARCHIVE_BYTES: 'limits.archiveBytes',
      CHARTFERRY_RATE_LIMIT_REQUESTS: 'rateLimit.requests',
      CHARTFERRY_REPOSITORIES: 'repositories',
    })
  })

  it('sets one setting and leaves the others of the file', async () => {
    const config = await parse('limits: { archiveBytes: 1MiB, fileBytes: 2MiB }\naccess: { pull: [anyone] }', {
      CHARTFERRY_LIMITS_ARCHIVE_BYTES: '3MiB',
      CHARTFERRY_UPSTREAM_CONNECTIONS: '4',
      CHARTFERRY_ACCESS_PUSH: '[anyone]',
      CHARTFERRY_REPOSITORIES: '{ mine: { kind: hosted } }',
      CHARTFERRY_AUTH_USERS: '{ alice: { password: x } }',
      CHARTFERRY_TRUSTED_PROXIES: '[10.0.0.0/8]',
      CHARTFERRY_LOG_LEVEL: '',
    })
    expect(config).toMatchObject({
      upstreamConnections: 4,
      logLevel: 'info',
      limits: { archiveBytes: 3 * 1024 ** 2, fileBytes: 2 * 1024 ** 2 },
      access: { pull: ['anyone'], push: ['anyone'] },
      trustedProxies: [{ address: '10.0.0.0', prefix: 8 }],
    })
    expect([...config.repositories.keys()]).toEqual(['mine'])
    expect([...config.auth.users.keys()]).toEqual(['alice'])
  })

  it('is named in faults, its own ones too', async () => {
    const thrown: unknown = await parse('', {
      CHARTFERRY_RATE_LIMIT_REQUESTS: 'many',
      CHARTFERRY_REPOSITORIES: '{ a: {',
      CHARTFERRY_TLS_CERT_FILE: 'x.pem',
    }).catch((failure: unknown) => failure)
    expect(isChartferryError(thrown, 'CONFIG_INVALID') && thrown.details.faults).toEqual([
      expect.stringMatching(/^CHARTFERRY_REPOSITORIES/),
      expect.stringMatching(/tls\.keyFile: is missing$/),
      'CHARTFERRY_RATE_LIMIT_REQUESTS: rateLimit.requests: must be a whole number',
    ])
  })
})
