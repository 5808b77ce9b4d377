// Numbers of things as people read them.

/** `1 chart`, `2 charts`, `1,200 charts`. The plural of most nouns; another one where it is given. */
export function count(number: number, noun: string, plural: string = `${noun}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? noun : plural}`
}
