import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { selfSigned } from '../../../../test/kit/certificate.ts'
import { checkConfig } from '../../src/config/config-schema.ts'
import { environmentNames } from '../../src/config/environment.ts'
import { parseConfig } from '../../src/config/load-config.ts'

const text = await readFile(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8')
const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, example = '']) => example)

/** The example with a certificate and a key that are there. */
const withRealFiles = (example: string): string =>
  example.replaceAll(/\/etc\/chartferry\/(tls\.\w+)/g, (_, name: string) => join(certificates, name))

beforeAll(async () => {
  certificates = await mkdtemp(join(tmpdir(), 'chartferry-docs-'))
  const { cert, key } = selfSigned('charts.example.com')
  await writeFile(join(certificates, 'tls.crt'), cert)
  await writeFile(join(certificates, 'tls.key'), key)
})
afterAll(() => rm(certificates, { recursive: true, force: true }))

let certificates: string

describe('docs/configuration.md', () => {
  it('has examples', () => expect(examples.length).toBeGreaterThanOrEqual(4))

  it.each(examples.map((example, index) => [index + 1, example] as const))(
    'example %d can be used as it is',
    async (_number, example) => {
      const config = await parseConfig(withRealFiles(example), {
        file: 'example.yaml',
        environment: { INTERNAL_CHARTS_PASSWORD: 'secret' },
        overrides: {},
      })
      expect(config.repositories.size).toBeGreaterThan(0)
    },
  )

  it('tells the variable and the default of every setting', () => {
    const settings = checkConfig({ repositories: {} }) as unknown as Record<string, unknown>
    for (const [variable, setting] of Object.entries(environmentNames)) {
      const [top = ''] = setting.split('.')
      const shown = setting === top ? variable : `CHARTFERRY_${top.replace(/[A-Z]/g, '_$&').toUpperCase()}_...`
      expect(text).toContain(`| \`${top}\` | \`${shown}\` |`)
    }
    for (const setting of Object.keys(settings)) expect(text).toContain(`| \`${setting}\` |`)
  })

  it('tells the defaults as they are', async () => {
    const rows = [...text.matchAll(/^\| `(\w+)` \| `CHARTFERRY_\w+` \| `([^`]+)` \|/gm)].map(
      ([, setting = '', value = '']) => [setting, /^\d+$/.test(value) ? Number(value) : value] as const,
    )
    const limits = [...text.matchAll(/^\| `(\w+(?:Bytes|Versions))` \| `([^`]+)` \|/gm)].map(
      ([, setting = '', value = '']) => [setting, value] as const,
    )
    const options = { file: 'example.yaml', environment: {} }
    const sizes = limits.map(([setting, value]) => [setting, /^\d+$/.test(value) ? Number(value) : value] as const)
    expect(rows.length).toBeGreaterThanOrEqual(9)
    expect(sizes).toHaveLength(6)
    const written = await parseConfig('', {
      ...options,
      overrides: { ...Object.fromEntries(rows), limits: Object.fromEntries(sizes) },
    })
    expect(written).toEqual(await parseConfig('', { ...options, overrides: {} }))
  })
})
