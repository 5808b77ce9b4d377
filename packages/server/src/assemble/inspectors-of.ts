// What decides about the versions of each repository, from the filters that say so.
import type { FilterConfig } from '../config/config.ts'
import { commandInspector } from '../quarantine/inspect-by-command.ts'
import { cosignInspector } from '../quarantine/inspect-cosign.ts'
import { signatureInspector } from '../quarantine/inspect-signature.ts'
import { allInspectors, type Inspector } from '../quarantine/inspector.ts'
import type { Upstream } from '../upstream/upstream.ts'

/** The inspectors of the repositories that have any. */
export function inspectorsOf(
  filters: ReadonlyMap<string, FilterConfig>,
  upstreamOf: (repository: string) => Pick<Upstream, 'verifySignature'> | undefined,
): ReadonlyMap<string, Inspector> {
  const inspectors = new Map<string, Inspector>()
  for (const [name, { keyring, cosignKey, gate, gateTimeout }] of filters) {
    const verify = upstreamOf(name)?.verifySignature
    const all = [
      ...(keyring === undefined ? [] : [signatureInspector(keyring)]),
      ...(cosignKey === undefined || verify === undefined ? [] : [cosignInspector(cosignKey, verify)]),
      ...(gate === undefined ? [] : [commandInspector({ command: gate, timeout: gateTimeout })]),
    ]
    if (all.length > 0) inspectors.set(name, allInspectors(all))
  }
  return inspectors
}
