// The cipher Blowfish with the key schedule of bcrypt (Provos and Mazieres 1999).

/** The tables that a key changes: 18 round keys and four boxes of 256 words. */
export interface BlowfishState {
  readonly rounds: Uint32Array
  readonly boxes: Uint32Array
}

const roundCount = 18
const boxWords = 1024

let initial: Uint32Array | undefined

/** The words that all tables start from: the fraction of pi in binary, computed once by Machin's formula. */
function piWords(): Uint32Array {
  if (initial !== undefined) return initial
  const bits = BigInt(32 * (roundCount + boxWords))
  // More bits than are used, for what rounding loses.
  const one = 1n << (bits + 64n)
  const fraction = (4n * (4n * arctangent(5n, one) - arctangent(239n, one)) - 3n * one) >> 64n
  const digits = fraction.toString(16).padStart(8 * (roundCount + boxWords), '0')
  initial = Uint32Array.from({ length: roundCount + boxWords }, (_, index) => {
    return Number.parseInt(digits.slice(8 * index, 8 * index + 8), 16)
  })
  return initial
}

/** The arctangent of 1/x, in units of 1/one. */
function arctangent(x: bigint, one: bigint): bigint {
  let power = one / x
  let sum = power
  for (let divisor = 3n, sign = -1n; power !== 0n; divisor += 2n, sign = -sign) {
    power /= x * x
    sum += (sign * power) / divisor
  }
  return sum
}

/** Fresh tables. */
export function newState(): BlowfishState {
  const words = piWords()
  return { rounds: words.slice(0, roundCount), boxes: words.slice(roundCount) }
}

/** Enciphers the two words at a place of `block`. */
export function encipher({ rounds, boxes }: BlowfishState, block: Uint32Array, at: number): void {
  let left = (block[at] as number) ^ (rounds[0] as number)
  let right = block[at + 1] as number
  for (let round = 1; round <= 16; round += 2) {
    right ^= feistel(boxes, left) ^ (rounds[round] as number)
    left ^= feistel(boxes, right) ^ (rounds[round + 1] as number)
  }
  block[at] = right ^ (rounds[17] as number)
  block[at + 1] = left
}

function feistel(boxes: Uint32Array, word: number): number {
  const a = boxes[word >>> 24] as number
  const b = boxes[256 + ((word >>> 16) & 255)] as number
  const c = boxes[512 + ((word >>> 8) & 255)] as number
  const d = boxes[768 + (word & 255)] as number
  return (((a + b) ^ c) + d) | 0
}

/** Mixes a key, and a salt where one is given, into the tables. */
export function expandKey(state: BlowfishState, key: Uint32Array, salt?: Uint32Array): void {
  const { rounds, boxes } = state
  const mix = (words: Uint32Array, at: number, word: number | undefined): void => {
    words[at] = (words[at] as number) ^ (word as number)
  }
  for (let index = 0; index < roundCount; index++) mix(rounds, index, key[index % key.length])
  const block = new Uint32Array(2)
  let place = 0
  const fill = (table: Uint32Array): void => {
    for (let index = 0; index < table.length; index += 2) {
      if (salt !== undefined) {
        mix(block, 0, salt[place % salt.length])
        mix(block, 1, salt[(place + 1) % salt.length])
        place += 2
      }
      encipher(state, block, 0)
      table.set(block, index)
    }
  }
  fill(rounds)
  fill(boxes)
}

/** The words of a text of bytes repeated without end, as many as a key schedule reads. */
export function cyclicWords(bytes: Uint8Array, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, index) => {
    let word = 0
    for (let place = 0; place < 4; place++) word = (word << 8) | (bytes[(4 * index + place) % bytes.length] as number)
    return word >>> 0
  })
}
