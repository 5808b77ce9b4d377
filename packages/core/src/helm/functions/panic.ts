// What Go's runtime says when a template function goes out of bounds, and our own bound on what a function may print.
import { ChartferryError } from '../../errors.ts'
import { defaultLimits } from '../../limits.ts'
import { ensure, entryBytes } from '../template/allowance.ts'
import { GoError } from '../template/value.ts'

/** `runtime error: slice bounds out of range [:5] with length 3`. */
export function outOfRange(range: string): GoError {
  return new GoError(`runtime error: slice bounds out of range ${range}`)
}

/** What reflection on a nil interface comes to. */
export function nilPointer(): GoError {
  return new GoError('runtime error: invalid memory address or nil pointer dereference')
}

/**
 * Throws OUTPUT_TOO_LARGE when a function would make a list, or a text character by character, of more than two
 * million.
 */
export function checkCount(count: number, name: string): void {
  if (count <= defaultLimits.yamlNodes) {
    ensure(entryBytes * count)
    return
  }
  throw new ChartferryError('OUTPUT_TOO_LARGE', `${name} would have more than ${defaultLimits.yamlNodes} items`)
}

/** strings.Repeat. Throws GoError for a negative count, OUTPUT_TOO_LARGE beyond the limit. */
export function repeated(text: string, count: number): string {
  if (count < 0) throw new GoError('strings: negative Repeat count')
  const size = text.length * count
  if (size > defaultLimits.renderBytes) {
    throw new ChartferryError('OUTPUT_TOO_LARGE', `repeat would make more than ${defaultLimits.renderBytes} bytes`)
  }
  ensure(size)
  return text.repeat(count)
}
