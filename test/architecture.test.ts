// Guards the house: who may import whom, no circles, no long files, no names that say nothing.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  findCircle,
  leavingArrows,
  placeOf,
  wrongFloors,
  wrongFloorsOfCore,
  wrongPackages,
  wrongWings,
} from './architecture/faults.ts'
import { cliFloors, meaningless, serverFloors } from './architecture/floors.ts'
import { readSources, readTexts } from './architecture/sources.ts'

const root = join(import.meta.dirname, '..')
const textsOf = (name: string) => readTexts(join(root, 'packages', name, 'src'))

const roomOfCore = (path: string): string => {
  const place = placeOf(path)
  return place === undefined ? path : `${place.wing}/${place.room}`
}
const firstFolder = (path: string): string => path.split('/')[0] ?? path

const packages = [
  { name: 'core', roomOf: roomOfCore, deepest: 4 },
  { name: 'server', roomOf: firstFolder, deepest: 3 },
  { name: 'cli', roomOf: firstFolder, deepest: 3 },
]

describe.each(packages)('the package $name', ({ name, roomOf, deepest }) => {
  const sources = readSources(textsOf(name))

  it('has no circle between files, nor between rooms', () => {
    expect(findCircle(sources)).toBeUndefined()
    expect(findCircle(sources, roomOf)).toBeUndefined()
  })

  it('stays inside its own sources, and sees no package that is not its affair', () => {
    expect(leavingArrows(sources)).toEqual([])
    expect(wrongPackages(sources, name)).toEqual([])
  })

  it('never goes through its own index', () => {
    const wrong = sources.filter(({ files }) => files.some((file) => /(^|\/)(index|internal)\.ts$/.test(file)))
    expect(wrong.map(({ path }) => path)).toEqual([])
  })

  it('has no file above 300 lines, and half of them within 120', () => {
    // A table of data without branches may have more.
    const most = (path: string): number => (path === 'error-table.ts' ? 600 : 300)
    const lengths = sources.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    expect(lengths.filter(({ path, lines }) => lines > most(path))).toEqual([])
    const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b)
    expect(sorted[Math.floor(sorted.length / 2)] ?? 0).toBeLessThanOrEqual(120)
  })

  it('has no folder deeper than its plan', () => {
    expect(sources.filter(({ path }) => path.split('/').length > deepest).map(({ path }) => path)).toEqual([])
  })

  it('has names that say something', () => {
    expect(sources.map(({ path }) => path).filter((path) => meaningless.test(path))).toEqual([])
  })

  it('opens each file with a sentence', () => {
    expect(sources.filter(({ text }) => !/^(#!.*\n)?\/\/ /.test(text)).map(({ path }) => path)).toEqual([])
  })
})

describe('the floors', () => {
  it('of the core: arrows lead downward, between wings and inside each', () => {
    const sources = readSources(textsOf('core'))
    expect(wrongWings(sources)).toEqual([])
    expect(wrongFloorsOfCore(sources)).toEqual([])
  })

  it('of the server and of the command line: arrows lead downward', () => {
    expect(wrongFloors(readSources(textsOf('server')), serverFloors)).toEqual([])
    expect(wrongFloors(readSources(textsOf('cli')), cliFloors)).toEqual([])
  })
})

describe('a wrong arrow that is planted', () => {
  /** The core with a line more in one file. */
  const planted = (path: string, line: string) => {
    const texts = new Map(textsOf('core'))
    texts.set(path, `${texts.get(path) ?? '// New.\n'}\n${line}\n`)
    return readSources(texts)
  }

  it('to a wing that may not be seen is found', () => {
    const sources = planted('oci/client/token.ts', "import type { Chart } from '../../helm/chart/chart.ts'")
    expect(wrongWings(sources)).toEqual(['oci/client/token.ts -> helm/chart/chart.ts'])
    const other = planted('relocation/relocate.ts', "import { copyImages } from '../oci/copy/copy.ts'")
    expect(wrongWings(other)).toEqual(['relocation/relocate.ts -> oci/copy/copy.ts'])
  })

  it('to a higher floor of its wing is found', () => {
    const sources = planted('helm/chart/chart.ts', "import '../render/engine-renderer.ts'")
    expect(wrongFloorsOfCore(sources)).toEqual(['helm/chart/chart.ts -> helm/render/engine-renderer.ts'])
  })

  it('to the list of names of its own wing is found', () => {
    const sources = planted('helm/chart/chart.ts', "import type { Chart } from '../index.ts'")
    expect(wrongFloorsOfCore(sources)).toEqual(['helm/chart/chart.ts -> helm/index.ts'])
  })

  it('by the file of a thread is found, also where its name is put together', () => {
    const texts = new Map(textsOf('core'))
    texts.set('relocation/plan/try-worker.ts', '// New.\n')
    const path = 'helm/chart/chart.ts'
    texts.set(path, `${texts.get(path)}\nnew URL(\`../../relocation/plan/\${name}-worker.ts\`, import.meta.url)\n`)
    expect(wrongWings(readSources(texts))).toEqual([`${path} -> relocation/plan/try-worker.ts`])
  })

  it('into the test kit is found', () => {
    const sources = planted('digest.ts', "import { buildChart } from '../../../test/kit/charts.ts'")
    expect(leavingArrows(sources)).toEqual(['digest.ts -> ../../../test/kit/charts.ts'])
  })

  it('to a package that is not its affair is found', () => {
    const sources = planted('oci/http/http-client.ts', "import Koa from 'koa'")
    expect(wrongPackages(sources, 'core')).toEqual(['oci/http/http-client.ts -> koa'])
  })

  it('that closes a circle is found', () => {
    const sources = planted('helm/chart/dependency.ts', "import './load-chart.ts'")
    expect(findCircle(sources)).toContain('helm/chart/dependency.ts')
  })
})
