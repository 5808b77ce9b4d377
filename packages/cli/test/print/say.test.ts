import { afterEach, expect, it, vi } from 'vitest'
import { say, sayJson } from '../../src/print/say.ts'

afterEach(() => void vi.restoreAllMocks())

it('prints names without the characters that a terminal obeys', () => {
  const lines: string[] = []
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
  say('a\u001b[31mb\u009b2Jc\nd\te')
  sayJson({ name: '\u009b2J\u202eevil' })
  expect(lines[0]).toBe('a\\u001b[31mb\\u009b2Jc\nd\te')
  expect(lines[1]).not.toMatch(/[\u0080-\u009f\u202e]/)
  expect(JSON.parse(lines[1] ?? '')).toEqual({ name: '\u009b2J\u202eevil' })
})
