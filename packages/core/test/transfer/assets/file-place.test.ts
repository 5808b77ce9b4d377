import { describe, expect, it } from 'vitest'
import { isChartferryError } from '../../../src/errors.ts'
import { parseFilePlace } from '../../../src/transfer/assets/file-place.ts'

describe('parseFilePlace', () => {
  it.each([
    ['s3://b/some/where/', { bucket: 'b', prefix: 'some/where/', isPublic: false }],
    ['s3://b', { bucket: 'b', prefix: '', isPublic: false }],
    ['gs://b/p', { bucket: 'b', prefix: 'p/', endpoint: 'https://storage.googleapis.com', isPublic: false }],
    ['https://s3.eu-west-1.amazonaws.com/b/p', { bucket: 'b', prefix: 'p/', region: 'eu-west-1', isPublic: true }],
    ['https://s3-eu-west-1.amazonaws.com/b', { bucket: 'b', prefix: '', region: 'eu-west-1', isPublic: true }],
    [
      'https://s3.dualstack.ap-southeast-2.amazonaws.com/b/p/q',
      { bucket: 'b', prefix: 'p/q/', region: 'ap-southeast-2' },
    ],
    ['https://s3.us-gov-west-1.amazonaws.com/b/p', { bucket: 'b', region: 'us-gov-west-1' }],
    ['https://s3.cn-north-1.amazonaws.com.cn/b/p', { bucket: 'b', region: 'cn-north-1' }],
    ['https://s3.amazonaws.com/b/p', { bucket: 'b', prefix: 'p/', region: 'us-east-1' }],
    [
      'https://my.bucket.s3.eu-central-1.amazonaws.com/p',
      { bucket: 'my.bucket', prefix: 'p/', region: 'eu-central-1' },
    ],
    ['https://b.s3.amazonaws.com', { bucket: 'b', prefix: '', region: 'us-east-1' }],
    ['https://storage.googleapis.com/b/p', { bucket: 'b', prefix: 'p/', region: 'auto', isPublic: true }],
    ['https://b.storage.googleapis.com/p', { bucket: 'b', prefix: 'p/', isPublic: true }],
  ])('reads %s', (text, expected) => {
    expect(parseFilePlace(text)).toMatchObject({ kind: 'bucket', url: text.replace(/\/$/, ''), ...expected })
  })

  it('reads what lies below an S3 service of one’s own', () => {
    const endpoint = 'http://127.0.0.1:7070'
    expect(parseFilePlace('http://127.0.0.1:7070/b/p', { endpoint })).toEqual({
      kind: 'bucket',
      url: 'http://127.0.0.1:7070/b/p',
      bucket: 'b',
      prefix: 'p/',
      endpoint,
      isPublic: true,
    })
    expect(parseFilePlace('s3://b', { endpoint })).toMatchObject({ endpoint, isPublic: false })
    expect(parseFilePlace('http://127.0.0.1:8080/b/p', { endpoint })).toMatchObject({ kind: 'web' })
  })

  it('reads folders, and web servers that only others can fill', () => {
    expect(parseFilePlace('out/files')).toEqual({ kind: 'folder', path: `${process.cwd()}/out/files` })
    expect(parseFilePlace('file:///srv/files')).toEqual({ kind: 'folder', path: '/srv/files' })
    expect(parseFilePlace('https://files.corp/kops/')).toEqual({ kind: 'web', url: 'https://files.corp/kops' })
    // Not a region: somebody else's host, and no bucket in it.
    expect(parseFilePlace('https://s3.example.com/b')).toMatchObject({ kind: 'web' })
    expect(parseFilePlace('https://s3.eu-west-1.amazonaws.com.evil.example/b')).toMatchObject({ kind: 'web' })
  })

  it.each([
    's3://',
    's3:///p',
    'https://s3.eu-west-1.amazonaws.com/',
    'azureblob://a/c',
    'https://u:p@storage.googleapis.com/b',
    'https://storage.googleapis.com/b?x=1',
  ])('refuses %s', (text) => {
    let thrown: unknown
    try {
      parseFilePlace(text)
    } catch (error) {
      thrown = error
    }
    expect(isChartferryError(thrown, 'USAGE')).toBe(true)
    expect(String(thrown)).not.toContain('u:p')
  })
})
