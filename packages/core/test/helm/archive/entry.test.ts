import { describe, expect, it } from 'vitest'
import { safePath } from '../../../src/helm/archive/entry.ts'

describe('safePath', () => {
  it.each([
    ['web/Chart.yaml', 'web/Chart.yaml'],
    ['web/', 'web'],
    ['web//templates/./a.yaml', 'web/templates/a.yaml'],
    ['./Chart.yaml', './Chart.yaml'],
    ['web\\templates\\a.yaml', 'web/templates/a.yaml'],
    ['web/files/..data', 'web/files/..data'],
    ['web/dashboards/k:v.json', 'web/dashboards/k:v.json'],
  ])('takes %j for %j', (name, path) => {
    expect(safePath('archive', name)).toBe(path)
  })

  it.each([
    ['', 'has no name'],
    ['../Chart.yaml', 'leaves the chart folder'],
    ['web/../../x', 'leaves the chart folder'],
    ['web/..x', 'leaves the chart folder'],
    ['web\\..\\x', 'leaves the chart folder'],
    ['/etc/passwd', 'is an absolute path'],
    ['\\server\\share', 'is an absolute path'],
    ['C:\\x', 'names a drive'],
    ['web/c:/x', 'names a drive'],
    ['web/a\0b', 'contains a NUL'],
    ['web/a\\b', 'mixes / and \\'],
  ])('refuses %j', (name, why) => {
    expect(() => safePath('chart archive x.tgz', name)).toThrow(
      expect.objectContaining({
        code: 'PATH_UNSAFE',
        message: `chart archive x.tgz: entry ${JSON.stringify(name)} ${why}`,
      }),
    )
  })
})
