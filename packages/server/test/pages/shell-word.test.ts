import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { shellWord } from '../../src/pages/shell-word.ts'

describe('shellWord', () => {
  it('leaves names alone, and makes one word of anything', () => {
    expect(shellWord('my-web')).toBe('my-web')
    const odd = ['a b', "it's", '$(touch x)', '`x`;x', '', '*', '"', '\\', 'a\nb', "''"]
    const { stdout } = spawnSync('/bin/sh', ['-c', `printf '%s|' ${odd.map(shellWord).join(' ')}`])
    expect(stdout.toString()).toBe(odd.map((word) => `${word}|`).join(''))
  })
})
