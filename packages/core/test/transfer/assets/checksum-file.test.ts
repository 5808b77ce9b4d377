import { describe, expect, it } from 'vitest'
import { digestOf } from '../../../src/digest.ts'
import { formatChecksum, parseChecksum } from '../../../src/transfer/assets/checksum-file.ts'

const hex = 'ab'.repeat(32)
const other = 'cd'.repeat(32)

describe('parseChecksum', () => {
  it.each([
    ['digits alone', hex],
    ['digits alone, with a line break and in capitals', `${hex.toUpperCase()}\r\n`],
    ['digits and the name', `${hex}  kubectl\n`],
    ['a name that is marked as binary', `${hex} *kubectl\n`],
    ['a name below a folder', `${hex}  ./out/linux/kubectl\n`],
    ['another name, in a single line', `${hex}  kubectl-v1.30.0\n`],
    ['one line of several', `${other}  kubelet\n${hex}  kubectl\n`],
  ])('reads %s', (_, text) => expect(parseChecksum(text, 'kubectl')).toBe(`sha256:${hex}`))

  it.each([
    ['nothing', ''],
    ['HTML', '<html>not found</html>'],
    ['a sha1', 'ab'.repeat(20)],
    ['65 digits', `${hex}a  kubectl`],
    ['several lines of which none names the file', `${other}  a\n${hex}  b\n`],
  ])('finds nothing in %s', (_, text) => expect(parseChecksum(text, 'kubectl')).toBeUndefined())

  it('reads what formatChecksum writes', () => {
    const digest = digestOf('x')
    expect(parseChecksum(formatChecksum(digest, 'a b.tgz'), 'a b.tgz')).toBe(digest)
  })
})
