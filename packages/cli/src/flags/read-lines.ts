// Lists in files: a thing a line, `#` begins a remark.
import { ChartferryError, isChartferryError } from '@chartferry/core'

/** Reads each line that has words. What `read` throws is thrown with file and line before it. */
export function readLines<Item>(
  file: string,
  text: string,
  read: (words: readonly string[]) => readonly Item[],
): readonly Item[] {
  return text.split('\n').flatMap((line, index) => {
    const words = line
      .replace(/(^|\s)#.*/, '')
      .trim()
      .split(/\s+/)
    if (words[0] === '') return []
    try {
      return read(words)
    } catch (thrown) {
      if (!isChartferryError(thrown)) throw thrown
      throw new ChartferryError(thrown.code, `${file}:${index + 1}: ${thrown.message}`, {
        cause: thrown,
        hint: thrown.hint,
      })
    }
  })
}
