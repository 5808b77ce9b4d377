import { describe, expect, it } from 'vitest'
import { formatArchiveName, parseArchiveName } from '../../../src/helm/chart/archive-name.ts'

describe('parseArchiveName', () => {
  it.each([
    ['web-1.2.3.tgz', 'web', '1.2.3'],
    ['aws-node-termination-handler-2-0.2.0.tgz', 'aws-node-termination-handler-2', '0.2.0'],
    ['gpu-operator-v26.7.0.tgz', 'gpu-operator', 'v26.7.0'],
    ['epinio-103.0.2+up1.10.0.tgz', 'epinio', '103.0.2+up1.10.0'],
    ['web-1.0.0-rc-1.2.3.tgz', 'web', '1.0.0-rc-1.2.3'],
    ['frobnitz.v1-1.2.3.tgz', 'frobnitz.v1', '1.2.3'],
    ['web-2-1.1.tgz', 'web-2', '1.1'],
  ])('splits %s', (fileName, name, version) => {
    expect(parseArchiveName(fileName)).toEqual({ name, version })
    expect(formatArchiveName({ name, version })).toBe(fileName)
  })

  it.each(['web.tgz', 'web-latest.tgz', '-1.0.0.tgz', 'web-1.0.0.tar.gz', 'web-1.0.0.tgz.prov', ''])(
    'knows none in %j',
    (fileName) => {
      expect(parseArchiveName(fileName)).toBeUndefined()
    },
  )
})
