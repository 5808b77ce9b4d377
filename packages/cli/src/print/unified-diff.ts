// What a relocation changes, as `diff -u` would print it.
import type { Chart, Plan } from '@chartferry/core'
import { decodeExactly, fileAt } from '@chartferry/core/internal'
import { createTwoFilesPatch } from 'diff'
import { printable } from './printable.ts'

/** Lines before and after each change. */
const context = 3

/** Every file that differs, by its address in the archive. Empty where none does. */
export function unifiedDiff(before: Chart, after: Chart, { edits }: Pick<Plan, 'edits'>): string {
  const files = [...new Set(edits.map(({ file }) => file))]
  return files.map((file) => diffOf(file, fileAt(before, file), fileAt(after, file))).join('')
}

function diffOf(file: string, before: Uint8Array | undefined, after: Uint8Array | undefined): string {
  const texts = [before, after].map((bytes) => (bytes === undefined ? '' : decodeExactly(bytes)))
  const [from, to] = texts
  if (from === undefined || to === undefined)
    return `Binary files a/${printable(file)} and b/${printable(file)} differ\n`
  return from === to ? '' : diffTexts(file, from, to)
}

/** Two texts of one file, which differ. */
export function diffTexts(file: string, from: string, to: string): string {
  const patch = createTwoFilesPatch(`a/${file}`, `b/${file}`, from, to, undefined, undefined, { context })
  // The library begins with a line of its own.
  return printable(patch.replace(/^=+\n/, ''))
}
