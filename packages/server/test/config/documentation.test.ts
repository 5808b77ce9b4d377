import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config/config-schema.ts'
import { environmentNames, parseConfig } from '../../src/config/load-config.ts'

const text = await readFile(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8')
const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, example = '']) => example)

describe('docs/configuration.md', () => {
  it('has examples', () => expect(examples.length).toBeGreaterThanOrEqual(4))

  it.each(examples.map((example, index) => [index + 1, example] as const))(
    'example %d can be used as it is',
    async (_number, example) => {
      const config = await parseConfig(example, {
        file: 'example.yaml',
        environment: { INTERNAL_CHARTS_PASSWORD: 'secret' },
        overrides: {},
      })
      expect(config.repositories.size).toBeGreaterThan(0)
    },
  )

  it('tells the variable and the default of every setting', () => {
    const settings = checkConfig({ repositories: {} }) as unknown as Record<string, unknown>
    for (const [variable, setting] of Object.entries(environmentNames))
      expect(text).toContain(`| \`${setting}\` | \`${variable}\` |`)
    for (const setting of Object.keys(settings)) expect(text).toContain(`| \`${setting}\` |`)
  })

  it('tells the defaults as they are', async () => {
    const rows = [...text.matchAll(/^\| `(\w+)` \| `CHARTFERRY_\w+` \| `([^`]+)` \|/gm)].map(
      ([, setting = '', value = '']) => [setting, value] as const,
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
