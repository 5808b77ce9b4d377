// What decides about the versions of each repository, from the filters that say so.
import type { FilterConfig } from '../config/config.ts'
import { commandInspector } from '../quarantine/inspect-by-command.ts'
import { signatureInspector } from '../quarantine/inspect-signature.ts'
import { allInspectors, type Inspector } from '../quarantine/inspector.ts'

/** The inspectors of the repositories that have any. */
export function inspectorsOf(filters: ReadonlyMap<string, FilterConfig>): ReadonlyMap<string, Inspector> {
  const inspectors = new Map<string, Inspector>()
  for (const [name, { keyring, gate, gateTimeout }] of filters) {
    const all = [
      ...(keyring === undefined ? [] : [signatureInspector(keyring)]),
      ...(gate === undefined ? [] : [commandInspector({ command: gate, timeout: gateTimeout })]),
    ]
    if (all.length > 0) inspectors.set(name, allInspectors(all))
  }
  return inspectors
}
