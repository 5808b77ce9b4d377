import { spawnSync } from 'node:child_process'
import { compareSync } from 'bcryptjs'
import { describe, expect, it } from 'vitest'
import { describeWithTools } from '../../../../test/kit/tools.ts'
import { parseHtpasswd } from '../../src/config/htpasswd.ts'

const hash = '$2y$10$nOUIs5kJ7naTuTFkBy1veuK0kSxUFXfuaOKdOKf9xYT0KKIGSJwFa'

describe('parseHtpasswd', () => {
  it('takes names and bcrypt hashes, over empty lines and comments', () => {
    const { hashes, faults } = parseHtpasswd(`# users\n\nalice:${hash}\r\nbob@example.com:${hash}\n`)
    expect([...hashes.keys()]).toEqual(['alice', 'bob@example.com'])
    expect(faults).toEqual([])
  })

  it('tells every fault with its line, and no hash', () => {
    const text = [
      'alice:$apr1$lZL6V/ci$eIMz/iKDkbtys/uU7LEK00',
      'bob',
      `:${hash}`,
      'carol:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=',
      `dave:${hash}`,
      `dave:${hash}`,
      `erin:${hash}:x`,
      'frank:$2y$31$nOUIs5kJ7naTuTFkBy1veuK0kSxUFXfuaOKdOKf9xYT0KKIGSJwFa',
    ].join('\n')
    const { hashes, faults } = parseHtpasswd(text)
    expect([...hashes.keys()]).toEqual(['dave'])
    expect(faults.map(({ line }) => line)).toEqual([1, 2, 3, 4, 6, 7, 8])
    expect(faults[0]?.what).toContain('htpasswd -B')
    expect(JSON.stringify(faults)).not.toContain('apr1')
  })
})

describeWithTools('parseHtpasswd and the real htpasswd', ['htpasswd'], ({ htpasswd }) => {
  it('agree', () => {
    const { stdout } = spawnSync(htpasswd, ['-nbB', 'alice', 'wonder'], { encoding: 'utf8' })
    const { hashes, faults } = parseHtpasswd(stdout)
    expect(faults).toEqual([])
    expect(compareSync('wonder', hashes.get('alice') ?? '')).toBe(true)
  })
})
