import { describe, expect, it } from 'vitest'
import { digestHex, digestOf } from '../../../src/digest.ts'
import { isChartferryError } from '../../../src/errors.ts'
import { parseYaml } from '../../../src/helm/yaml/parse.ts'
import { namingOf } from '../../../src/reference/naming.ts'
import { formatReference, parseReference } from '../../../src/reference/reference.ts'
import { parseTarget } from '../../../src/reference/target.ts'
import { placeFiles } from '../../../src/transfer/assets/file-naming.ts'
import { parseFilePlace } from '../../../src/transfer/assets/file-place.ts'
import { assetList, formatAssetTable, formatAssetYaml } from '../../../src/transfer/emit/asset-list.ts'

const naming = namingOf(parseTarget('example.com/registry'), 'flatten')
const pair = (from: string) => ({ from, to: formatReference(naming.rename(parseReference(from))) })
const digest = digestOf('kubectl')
const files = placeFiles(
  [
    { url: 'https://dl.k8s.io/release/v1.30.0/bin/linux/amd64/kubelet', digest },
    { url: 'https://dl.k8s.io/release/v1.30.0/bin/linux/amd64/kubectl', digest },
  ],
  parseFilePlace('https://s3.eu-west-1.amazonaws.com/assets/kops'),
)
const list = assetList(
  ['registry.k8s.io/pause:3.9', 'quay.io/coreos/etcd:v3', 'registry.k8s.io/pause:3.9', 'busybox:1.36'].map(pair),
  files,
)

describe('assetList', () => {
  it('has the fields of kops get assets, each canonical name once and in order', () => {
    expect(list).toEqual({
      images: [
        { canonical: 'busybox:1.36', download: 'example.com/registry/busybox:1.36' },
        { canonical: 'quay.io/coreos/etcd:v3', download: 'example.com/registry/quay.io-coreos-etcd:v3' },
        { canonical: 'registry.k8s.io/pause:3.9', download: 'example.com/registry/pause:3.9' },
      ],
      files: ['kubectl', 'kubelet'].map((name) => ({
        canonical: `https://dl.k8s.io/release/v1.30.0/bin/linux/amd64/${name}`,
        download: `https://s3.eu-west-1.amazonaws.com/assets/kops/release/v1.30.0/bin/linux/amd64/${name}`,
        sha: digestHex(digest),
      })),
    })
  })

  it('leaves out what is empty', () => {
    expect(JSON.stringify(assetList([], []))).toBe('{}')
    expect(formatAssetYaml(assetList([], []))).toBe('{}')
  })

  it('refuses two images with one name', () => {
    let thrown: unknown
    try {
      assetList(['a/b-c:1', 'a-b/c:1'].map(pair), [])
    } catch (error) {
      thrown = error
    }
    expect(isChartferryError(thrown, 'TARGET_COLLISION')).toBe(true)
    expect(
      assetList(
        ['nginx:1', 'docker.io/library/nginx:1'].map((from) => ({ from, to: 'r.corp/nginx:1' })),
        [],
      ).images,
    ).toHaveLength(2)
  })
})

describe('formatAssetYaml', () => {
  it('is YAML of the same document, keys in the order of their characters', () => {
    const text = formatAssetYaml(list)
    expect(parseYaml(text)).toEqual({ files: list.files, images: list.images })
    expect(text.split('\n').slice(0, 4)).toEqual([
      'files:',
      '- canonical: https://dl.k8s.io/release/v1.30.0/bin/linux/amd64/kubectl',
      '  download: https://s3.eu-west-1.amazonaws.com/assets/kops/release/v1.30.0/bin/linux/amd64/kubectl',
      `  sha: ${digestHex(digest)}`,
    ])
  })

  it.each(['1'.repeat(64), `${'1'.repeat(30)}e${'2'.repeat(33)}`, 'a'.repeat(64)])(
    'keeps the digits %s a text',
    (sha) => {
      expect(parseYaml(formatAssetYaml({ files: [{ canonical: 'yes', download: 'a b: c #', sha }] }))).toEqual({
        files: [{ canonical: 'yes', download: 'a b: c #', sha }],
      })
    },
  )
})

describe('formatAssetTable', () => {
  it('has a table of images and one of files, an empty line before each', () => {
    const lines = formatAssetTable(list).split('\n')
    expect(lines.map((line) => line.split(/ +/)[0])).toEqual([
      '',
      'CANONICAL',
      ...(list.images ?? []).map(({ canonical }) => canonical),
      '',
      'CANONICAL',
      ...(list.files ?? []).map(({ canonical }) => canonical),
    ])
    expect(lines[1]?.split(/ +/)).toEqual(['CANONICAL', 'DOWNLOAD'])
    expect(lines[6]?.split(/ +/)).toEqual(['CANONICAL', 'DOWNLOAD', 'SHA'])
    expect(lines[7]?.split(/ +/)[2]).toBe(digestHex(digest))
  })
})
