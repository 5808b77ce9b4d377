// Our own file of registries, which a person may write and `login` adds to: `registries:` as everywhere.
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { ChartferryError, messageOf } from '../../errors.ts'
import { lineFinder } from '../../helm/yaml/line-of-path.ts'
import { parseYaml } from '../../helm/yaml/parse.ts'
import type { RegistrySetting } from '../../oci/client/registry-setting.ts'
import { replaceFile } from '../../storage/replace-file.ts'
import { isMap, openPart } from '../document-part.ts'
import { parseRegistries, type ReadNamedFile } from './parse-registries.ts'

/** Where it is: `chartferry/registries.yaml` in the place for configuration. */
export function ownRegistriesFile(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment.XDG_CONFIG_HOME || join(homedir(), '.config'), 'chartferry', 'registries.yaml')
}

/** Reads a file that a document names, seen from the document's folder. Throws FILE_NOT_FOUND. */
export function readerBeside(document: string): ReadNamedFile {
  return (name) => {
    try {
      return readFileSync(resolve(dirname(document), name), 'utf8')
    } catch (cause) {
      throw new ChartferryError('FILE_NOT_FOUND', `${name}: ${messageOf(cause)}`, { cause })
    }
  }
}

/** Reads the file; none where there is no file. Throws CONFIG_INVALID with all faults, YAML_INVALID. */
export async function readOwnRegistries(file: string = ownRegistriesFile()): Promise<readonly RegistrySetting[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const lineOf = lineFinder(text, file)
  const faults: string[] = []
  const root = openPart(
    parseYaml(text, { where: file }) ?? {},
    [],
    (path, what) => void faults.push(`${file}:${lineOf(path)}: ${what}`),
  )
  const settings = root.onlyKeys('registries') ? parseRegistries(root.at('registries'), readerBeside(file)) : []
  if (faults.length === 0) return settings
  throw new ChartferryError('CONFIG_INVALID', faults.join('\n'), { details: { faults } })
}

/** Remembers that a registry speaks http, or that it does not. The rest of the file stays. Throws as reading does. */
export async function rememberPlainHttp(
  host: string,
  plainHttp: boolean,
  file: string = ownRegistriesFile(),
): Promise<void> {
  await readOwnRegistries(file)
  const document = parseYaml(await readFile(file, 'utf8').catch(() => ''), { where: file })
  const known = isMap(document) && isMap(document.registries) ? document.registries : {}
  const entry = isMap(known[host]) ? known[host] : {}
  if ((entry.plainHttp === true) === plainHttp) return
  const { plainHttp: _before, ...rest } = entry
  const next = plainHttp ? { ...rest, plainHttp } : rest
  const { [host]: _entry, ...others } = known
  const registries = Object.keys(next).length === 0 ? others : { ...others, [host]: next }
  await replaceFile(file, new TextEncoder().encode(`${JSON.stringify({ registries }, null, 2)}\n`))
}
