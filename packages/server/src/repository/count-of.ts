// Numbers of things as people read them.

/** `1 chart`, `2 charts`, `1,200 charts`. */
export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}
