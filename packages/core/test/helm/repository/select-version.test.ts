import { describe, expect, it } from 'vitest'
import { isChartferryError } from '../../../src/errors.ts'
import { parseIndexFile } from '../../../src/helm/repository/parse-index-file.ts'
import { selectVersion } from '../../../src/helm/repository/select-version.ts'

const versions = ['2.0.0-rc.1', '1.10.0', '1.9.0+b', '1.9.0', 'v1.8.0', '1.2'].map((version) => ({
  name: 'web',
  version,
}))
const index = parseIndexFile(
  JSON.stringify({ apiVersion: 'v1', entries: { web: versions, dev: [{ name: 'dev', version: '0.1.0-alpha' }] } }),
)

describe('selectVersion', () => {
  it.each([
    ['', '1.10.0'],
    ['*', '1.10.0'],
    ['>0.0.0-0', '2.0.0-rc.1'],
    ['~1.9', '1.9.0+b'],
    ['1.9.0', '1.9.0'],
    ['1.8.0', 'v1.8.0'],
    ['1.2', '1.2'],
    ['<1.9', 'v1.8.0'],
    ['2.0.0-rc.1', '2.0.0-rc.1'],
  ])('takes %j as %s', (range, version) => {
    expect(selectVersion(index, 'web', range).version).toBe(version)
  })

  it.each([
    ['none', '', 'CHART_NOT_FOUND'],
    ['web', '3.x', 'VERSION_NOT_FOUND'],
    ['dev', '', 'VERSION_NOT_FOUND'],
    ['web', 'latest', 'VERSION_INVALID'],
  ] as const)('chart %s at %j is %s', (chart, range, code) => {
    expect(() => selectVersion(index, chart, range)).toThrow(
      expect.toSatisfy((thrown) => isChartferryError(thrown, code)),
    )
  })
})
