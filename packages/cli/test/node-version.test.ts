import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeFault } from '../src/node-version.ts'

const cli = join(import.meta.dirname, '..')

describe('nodeFault', () => {
  it.each(['v22.22.2', 'v22.23.0', 'v24.15.0', 'v24.22.3', 'v26.0.0', 'v27.1.0'])('takes %s', (version) => {
    expect(nodeFault(version)).toBeUndefined()
  })

  it.each(['v18.20.0', 'v20.20.2', 'v22.22.1', 'v22.9.9', 'v23.11.0', 'v24.14.9', 'v25.9.0'])(
    'says of %s what is needed, and how to go on',
    (version) => {
      expect(nodeFault(version)).toMatch(
        new RegExp(`This is ${version.replaceAll('.', '\\.')}\\.\\n.*\\n.*npx -y -p node-`),
      )
    },
  )

  it('has the range of package.json, as the scripts have', async () => {
    const { engines } = JSON.parse(await readFile(join(cli, 'package.json'), 'utf8')) as { engines: { node: string } }
    expect(engines.node).toBe('^22.22.2 || ^24.15.0 || >=26.0.0')
    expect(await readFile(join(cli, '../../scripts/runtime.mjs'), 'utf8')).toContain(`\`engines\`: ${engines.node}.`)
  })
})
