import { describe, expect, it } from 'vitest'
import { buildTar, type TarEntry, tarHeader } from '../../../../../test/kit/charts.ts'
import { readTar, type TarItem } from '../../../src/helm/archive/tar.ts'

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, void> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

async function read(bytes: Uint8Array, size = 700): Promise<TarItem[]> {
  const items: TarItem[] = []
  for await (const item of readTar('tar', pieces(bytes, size), () => {})) items.push(item)
  return items
}

const names = (items: readonly TarItem[]): string[] => items.map(({ header }) => header.name)
const paxRecord = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`
  const length = Buffer.byteLength(rest)
  const digits = String(length + String(length).length).length
  return `${length + digits}${rest}`
}
const patched = (bytes: Uint8Array, patch: (header: Buffer) => void): Uint8Array => {
  const copy = Buffer.from(bytes)
  patch(copy)
  copy.write('        ', 148)
  const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return copy
}

describe('readTar', () => {
  const file: TarEntry = { name: 'web/a', data: 'hello', mode: 0o755, mtime: 12 }

  it.each([1, 511, 512, 100_000])('reads entries from pieces of %i bytes', async (size) => {
    const [item, second] = await read(buildTar([file, { name: 'web/b/', type: '5' }]), size)
    expect(item?.header).toEqual({ name: 'web/a', type: '0', mode: 0o755, mtime: 12, size: 5 })
    expect(Buffer.from(item?.data ?? []).toString()).toBe('hello')
    expect(second?.header).toMatchObject({ name: 'web/b/', type: '5', size: 0 })
  })

  it('takes the name of a pax record, in UTF-8, and only for the entry behind it', async () => {
    const long = `web/${'ü'.repeat(300)}`
    const tar = buildTar([{ name: 'pax', type: 'x', data: paxRecord('path', long) }, file, { ...file, name: 'web/b' }])
    expect(names(await read(tar))).toEqual([long, 'web/b'])
  })

  it('takes a GNU long name', async () => {
    const long = `web/${'x'.repeat(200)}`
    expect(names(await read(buildTar([{ name: '././@LongLink', type: 'L', data: `${long}\0` }, file])))).toEqual([long])
  })

  it('skips global pax headers', async () => {
    const tar = buildTar([{ name: 'pax_global_header', type: 'g', data: paxRecord('comment', 'abc') }, file])
    expect(names(await read(tar))).toEqual(['web/a'])
  })

  it('puts the prefix of a ustar header before the name, and does not in an older one', async () => {
    const ustar = patched(buildTar([file]), (header) => header.write('pre/fix', 345))
    expect(names(await read(ustar))).toEqual(['pre/fix/web/a'])
    const old = patched(ustar, (header) => header.fill(0, 257, 265))
    expect(names(await read(old))).toEqual(['web/a'])
  })

  it('reads sizes in base 256', async () => {
    const tar = patched(buildTar([file]), (header) => {
      header.fill(0, 124, 136)
      header[124] = 0x80
      header[135] = 5
    })
    expect((await read(tar))[0]?.header.size).toBe(5)
  })

  it('takes an old entry with a slash at its end for a folder', async () => {
    expect((await read(buildTar([{ name: 'web/', type: '0' }])))[0]?.header.type).toBe('5')
  })

  it('ends at two empty blocks, as Helm does, whatever stands behind them', async () => {
    const hidden = buildTar([{ ...file, name: 'web/hidden' }])
    expect(names(await read(Buffer.concat([buildTar([file]), hidden])))).toEqual(['web/a'])
    expect(names(await read(Buffer.concat([buildTar([file]), Buffer.from('no tar at all')])))).toEqual(['web/a'])
  })

  it('needs no end mark', async () => {
    expect(names(await read(buildTar([file]).subarray(0, 1024)))).toEqual(['web/a'])
  })

  it('asks before the data of an entry are read', async () => {
    const refused = readTar('tar', pieces(tarHeader({ name: 'web/a', size: 2 ** 32 }), 512), (header) => {
      throw new Error(`refused ${header.size}`)
    })
    await expect(refused.next()).rejects.toThrow('refused 4294967296')
  })

  it.each<[string, Uint8Array, string]>([
    ['a wrong checksum', Buffer.concat([Buffer.alloc(512, 'x')]), 'a tar header has a wrong checksum'],
    ['a size that is no number', patched(buildTar([file]), (header) => header.write('9z', 124)), 'a wrong number'],
    [
      'a negative size',
      patched(buildTar([file]), (header) => header.fill(0xff, 124, 136)),
      'a tar header holds a wrong number',
    ],
    ['a header that is cut off', buildTar([file]).subarray(0, 200), 'ends in the middle of a header'],
    ['data that are cut off', buildTar([file]).subarray(0, 514), 'ends in the middle of an entry'],
    [
      'an empty block between entries',
      Buffer.concat([Buffer.alloc(512), buildTar([file])]),
      'an empty block stands between the entries',
    ],
    [
      'a pax record without length',
      buildTar([{ name: 'pax', type: 'x', data: 'path=web/x\n' }, file]),
      'a pax header is malformed',
    ],
    [
      'a pax record that is too long',
      buildTar([{ name: 'pax', type: 'x', data: '99 path=web/x\n' }, file]),
      'a pax header is malformed',
    ],
    [
      'a pax size that is no number',
      buildTar([{ name: 'pax', type: 'x', data: paxRecord('size', '1e') }, file]),
      'a pax header holds a wrong size',
    ],
    [
      'a sparse file',
      buildTar([{ name: 'pax', type: 'x', data: paxRecord('GNU.sparse.major', '1') }, file]),
      'entry "web/a" is a sparse file',
    ],
    [
      'a long name of megabytes',
      buildTar([{ name: 'long', type: 'L', size: 2 ** 30 }, file]),
      'an extended header is larger than a mebibyte',
    ],
  ])('refuses %s', async (_, bytes, why) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: 'ARCHIVE_INVALID', message: expect.stringContaining(why) })
  })
})
