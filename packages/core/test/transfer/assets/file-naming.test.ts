import { describe, expect, it } from 'vitest'
import { digestOf } from '../../../src/digest.ts'
import { isChartferryError } from '../../../src/errors.ts'
import { parseFileRequest } from '../../../src/transfer/assets/file-asset.ts'
import { placeFiles } from '../../../src/transfer/assets/file-naming.ts'
import { parseFilePlace } from '../../../src/transfer/assets/file-place.ts'

const one = digestOf('one')
const two = digestOf('two')
const place = parseFilePlace('https://s3.eu-west-1.amazonaws.com/b/prefix/')

function failureOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (thrown) {
    return thrown
  }
}

describe('parseFileRequest', () => {
  it('takes a URL, and a digest behind it', () => {
    expect(parseFileRequest('https://a.example/x#part')).toEqual({ url: 'https://a.example/x' })
    expect(parseFileRequest(`https://a.example/x@${one}`)).toEqual({ url: 'https://a.example/x', digest: one })
    expect(parseFileRequest('https://a.example/@scope/x').url).toBe('https://a.example/@scope/x')
  })

  it.each(['kubectl', 'ftp://a.example/x', 'https://a.example/', 'https://a.example/x@sha256:12'])(
    'refuses %s',
    (text) =>
      expect(
        isChartferryError(
          failureOf(() => parseFileRequest(text)),
          'USAGE',
        ),
      ).toBe(true),
  )
})

describe('placeFiles', () => {
  it('puts the path of the URL below the path of the repository, without host and query', () => {
    const files = [
      { url: 'https://dl.k8s.io/release/v1.30.0/bin/linux/amd64/kubectl', digest: one },
      { url: 'https://a.example/x%2By,z.tgz?token=1', digest: two },
    ]
    expect(placeFiles(files, place)).toEqual([
      {
        ...files[0],
        download: 'https://s3.eu-west-1.amazonaws.com/b/prefix/release/v1.30.0/bin/linux/amd64/kubectl',
        key: 'release/v1.30.0/bin/linux/amd64/kubectl',
      },
      { ...files[1], download: 'https://s3.eu-west-1.amazonaws.com/b/prefix/x%2By%2Cz.tgz', key: 'x+y,z.tgz' },
    ])
    expect(placeFiles(files.slice(0, 1), { kind: 'folder', path: '/srv' })[0]?.download).toBe(
      '/srv/release/v1.30.0/bin/linux/amd64/kubectl',
    )
  })

  it('leaves what has the host of the repository, and everything where there is none', () => {
    const file = { url: 'https://s3.eu-west-1.amazonaws.com/other/x', digest: one }
    expect(placeFiles([file], place)).toEqual([{ ...file, download: file.url, key: undefined }])
    expect(placeFiles([file], undefined)[0]?.download).toBe(file.url)
  })

  it('lists a URL once, and mirrors of the same bytes under one name', () => {
    const [a, b] = ['https://a.example/x', 'https://b.example/x'].map((url) => ({ url, digest: one }))
    if (a === undefined || b === undefined) throw new Error('two files are wanted')
    expect(placeFiles([a, a, b], place).map(({ url }) => url)).toEqual([a.url, b.url])
  })

  it('refuses two files with one name, and one file with two digests', () => {
    const a = { url: 'https://a.example/x', digest: one }
    for (const other of [
      { url: 'https://b.example/x', digest: two },
      { url: 'https://a.example/x', digest: two },
    ])
      expect(
        isChartferryError(
          failureOf(() => placeFiles([a, other], place)),
          'TARGET_COLLISION',
        ),
      ).toBe(true)
  })

  it.each([
    'https://a.example/a%2F..%2Fb',
    'https://a.example/a//b',
    'https://a.example/%00',
    'https://a.example/a%5Cb',
    'https://a.example/%ZZ',
  ])('refuses %s, whose path is none of a folder', (url) =>
    expect(
      isChartferryError(
        failureOf(() => placeFiles([{ url, digest: one }], place)),
        'PATH_UNSAFE',
      ),
    ).toBe(true),
  )
})
