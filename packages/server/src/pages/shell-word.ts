// Names of strangers in lines that people copy into a shell.

/** The text as one word of a POSIX shell that means just itself (XCU, 2.2.2). */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
