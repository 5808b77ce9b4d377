// Types and kinds of values (sprig's reflect.go).
import { define } from '../template/function.ts'
import { deepEqual, kindOf, typeName } from '../template/kind.ts'
import { type GoFunction, plain, type Value } from '../template/value.ts'

function isNil(value: Value): boolean {
  return plain(value) === null || plain(value) === undefined
}

function typeOf(value: Value): string {
  return isNil(value) ? '<nil>' : typeName(value)
}

function kind(value: Value): string {
  return isNil(value) ? 'invalid' : kindOf(value)
}

/** The functions of this family. */
export const reflectionFunctions: readonly GoFunction[] = [
  define('typeOf', ['any'], typeOf),
  define('typeIs', ['string', 'any'], (wanted, value) => wanted === typeOf(value)),
  define('typeIsLike', ['string', 'any'], (wanted, value) => {
    return wanted === typeOf(value) || `*${wanted}` === typeOf(value)
  }),
  define('kindOf', ['any'], kind),
  define('kindIs', ['string', 'any'], (wanted, value) => wanted === kind(value)),
  define('deepEqual', ['any', 'any'], deepEqual),
]
