// How the product names itself to other servers.
import { readFileSync } from 'node:fs'

/** The version of the package. */
export const version: string = (
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { readonly version: string }
).version

/** The value of the User-Agent header. */
export const userAgent: string = `chartferry/${version}`
