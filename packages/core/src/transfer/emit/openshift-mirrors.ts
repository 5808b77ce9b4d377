// OpenShift's ImageDigestMirrorSet and ImageTagMirrorSet (config.openshift.io/v1).
import { dump } from 'js-yaml'
import { type MirrorOptions, type MirrorTable, refuseIpv6 } from './mirrors.ts'
import { nameOf } from './repository-moves.ts'

/** Which pulls a set is for: those by digest, or those by tag. */
export type MirrorSetKind = 'ImageDigestMirrorSet' | 'ImageTagMirrorSet'

/** The text of a set with a name. Throws USAGE for a mirror with an address of IPv6. */
export function mirrorSet(
  kind: MirrorSetKind,
  name: string,
  { mirrors, others }: MirrorTable,
  { mirrorOnly = false }: MirrorOptions,
): string {
  const sources = [
    ...mirrors.map(({ registry, mirror: { host, prefix } }) => ({
      source: registry,
      mirror: prefix === '' ? host : `${host}/${prefix}`,
    })),
    ...others.map(({ from, to }) => ({ source: nameOf(from), mirror: nameOf(to) })),
  ]
  const entries = sources.map(({ source, mirror }) => {
    refuseIpv6(mirror, kind)
    const mirrorSourcePolicy = mirrorOnly ? 'NeverContactSource' : 'AllowContactingSource'
    return { source, mirrors: [mirror], mirrorSourcePolicy }
  })
  const spec = kind === 'ImageDigestMirrorSet' ? { imageDigestMirrors: entries } : { imageTagMirrors: entries }
  return dump({ apiVersion: 'config.openshift.io/v1', kind, metadata: { name }, spec }, { lineWidth: -1, noRefs: true })
}
