// What a test opens is closed when it ends, the last first.
import { afterEach } from 'vitest'

/** Called once in a file of tests; gives what notes a thing to close. */
export function closesAfterEach(): (close: () => Promise<unknown>) => void {
  const closing: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  return (close) => void closing.push(close)
}
