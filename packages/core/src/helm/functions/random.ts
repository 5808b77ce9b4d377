// What differs from one rendering to the next: random text, numbers, identifiers (sprig).
import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { define } from '../template/function.ts'
import { GoError, type GoFunction, int } from '../template/value.ts'
import { checkCount } from './panic.ts'

const digits = '0123456789'
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')

/** Random characters; a negative count gives none, as the error is swallowed. */
function characters(alphabet: string, count: number): string {
  checkCount(count, 'a random text')
  return Array.from({ length: Math.max(0, count) }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
}

function shuffled(text: string): string {
  checkCount(text.length, 'a shuffled text')
  const all = Array.from(text)
  for (let at = all.length - 1; at > 0; at--) {
    const other = randomInt(at + 1)
    ;[all[at], all[other]] = [all[other] as string, all[at] as string]
  }
  return all.join('')
}

const volatile = { volatile: true }

/** The functions of this family. */
export const randomFunctions: readonly GoFunction[] = [
  define('randAlphaNum', ['int'], (count) => characters(digits + letters, count), volatile),
  define('randAlpha', ['int'], (count) => characters(letters, count), volatile),
  define('randAscii', ['int'], (count) => characters(printable, count), volatile),
  define('randNumeric', ['int'], (count) => characters(digits, count), volatile),
  define(
    'randBytes',
    ['int'],
    (count) => {
      if (count < 0) throw new GoError('runtime error: makeslice: len out of range')
      checkCount(count, 'randBytes')
      return randomBytes(count).toString('base64')
    },
    volatile,
  ),
  define(
    'randInt',
    ['int', 'int'],
    (low, high) => {
      if (high <= low) throw new GoError('invalid argument to Intn')
      return int(low + Math.floor(Math.random() * (high - low)))
    },
    volatile,
  ),
  define('shuffle', ['string'], shuffled, volatile),
  define('uuidv4', [], () => randomUUID(), volatile),
  // Helm does not ask a name server while rendering.
  define('getHostByName', ['string'], () => ''),
]
