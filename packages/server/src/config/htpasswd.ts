// Files of names and hashed passwords, as Apache's `htpasswd -B` writes them.

/** What stands in a file: hashes by name, and the faults, each with its line. */
export interface Htpasswd {
  readonly hashes: ReadonlyMap<string, string>
  readonly faults: readonly { readonly line: number; readonly what: string }[]
}

/** bcrypt's own form: what `htpasswd -B`, PHP, Python and Go write. */
export const bcryptForm: RegExp = /^\$2[abxy]\$(0[4-9]|1\d)\$[./A-Za-z0-9]{53}$/

/** Takes the text of a file. Empty lines and lines that begin with `#` count for nothing. */
export function parseHtpasswd(text: string): Htpasswd {
  const hashes = new Map<string, string>()
  const faults: { line: number; what: string }[] = []
  for (const [at, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const tell = (what: string): void => void faults.push({ line: at + 1, what })
    const [name = '', hash = '', ...rest] = line.split(':')
    if (name === '' || hash === '' || rest.length > 0) tell('must be a name, a colon and a hash')
    else if (hashes.has(name)) tell(`the user ${JSON.stringify(name)} is there twice`)
    else if (!bcryptForm.test(hash))
      tell(`the password of ${JSON.stringify(name)} is not hashed with bcrypt, of cost 4 to 19: use \`htpasswd -B\``)
    else hashes.set(name, hash)
  }
  return { hashes, faults }
}
