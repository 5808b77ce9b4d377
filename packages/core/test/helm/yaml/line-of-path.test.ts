import { describe, expect, it } from 'vitest'
import { lineFinder } from '../../../src/helm/yaml/line-of-path.ts'

const text = `# a remark
charts:
  - chart: web
    version: 1.0.0
  -
    values: &shared
      a: 1
images: [nginx, {x: 2}]
other: *shared
empty:
`

describe('lineFinder', () => {
  const lineOf = lineFinder(text, 'a.yaml')
  it.each([
    [[], 2],
    [['charts'], 2],
    [['charts', 0], 3],
    [['charts', 0, 'version'], 4],
    [['charts', 1, 'values', 'a'], 7],
    [['images', 1, 'x'], 8],
    [['other'], 9],
    [['other', 'a'], 7],
    [['empty'], 10],
    // What is not there has the line of what is.
    [['charts', 0, 'repo'], 3],
    [['charts', 7], 2],
    [['nothing'], 2],
  ])('finds %j on line %d', (path, line) => expect(lineOf(path)).toBe(line))

  it('says line 1 of an empty text', () => expect(lineFinder('', 'a.yaml')(['x'])).toBe(1))
})
