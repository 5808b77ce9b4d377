// Numbers of things, in words.

/** `1 chart`, `2 charts`. The plural of most nouns; another one where it is given. */
export function count(number: number, noun: string, plural: string = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`
}
