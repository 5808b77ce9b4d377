// The user's overlay: made once, never changed, but read, so that a patch for what is gone is named before anything is
// written.
import { dump } from 'js-yaml'
import { parseYaml } from '../../helm/yaml/parse.ts'
import { type BaseObject, isMap } from './manifest-files.ts'

/** Where the user's overlay is. */
export const downstreamFolder = 'overlays/downstreams/this-cluster'

/** What it begins with. */
export function emptyDownstream(): string {
  const overlay = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: ['../../midstream'],
  }
  return dump(overlay)
}

/**
 * Patches whose object is not in the base any more, one sentence each. `read` gives the text of a file of the overlay,
 * undefined where it is missing. Throws YAML_INVALID for an overlay or a patch that is no YAML.
 */
export async function lostPatches(
  text: string,
  objects: readonly BaseObject[],
  read: (path: string) => Promise<string | undefined>,
): Promise<readonly string[]> {
  const overlay = parseYaml(text, { where: `${downstreamFolder}/kustomization.yaml` })
  if (!isMap(overlay)) return []
  const lost: string[] = []
  const check = (kind: unknown, name: unknown, what: string): void => {
    if (typeof kind !== 'string' || typeof name !== 'string' || /[.*|]/.test(name)) return
    if (!objects.some((object) => object.kind === kind && object.name === name))
      lost.push(`${what} is for ${kind}/${name}, which there is no more`)
  }
  const checkText = (patch: string, what: string): void => {
    for (const piece of patch.split(/^(?=---(?:\s|$))/m)) {
      const root = parseYaml(piece, { where: what })
      if (isMap(root) && isMap(root.metadata)) check(root.kind, root.metadata.name, what)
    }
  }
  const strategic = Array.isArray(overlay.patchesStrategicMerge) ? overlay.patchesStrategicMerge : []
  for (const entry of strategic) {
    if (typeof entry !== 'string') continue
    const file = entry.includes('\n') ? entry : await read(entry)
    if (file === undefined) lost.push(`${downstreamFolder}/${entry}: it is not there`)
    else checkText(file, entry.includes('\n') ? 'a patch' : `${downstreamFolder}/${entry}`)
  }
  for (const entry of Array.isArray(overlay.patches) ? overlay.patches : []) {
    if (!isMap(entry)) continue
    const { target, path, patch } = entry
    const what = typeof path === 'string' ? `${downstreamFolder}/${path}` : 'a patch'
    if (isMap(target)) check(target.kind, target.name, what)
    const body = typeof patch === 'string' ? patch : typeof path === 'string' ? await read(path) : undefined
    if (body === undefined) lost.push(`${what}: it is not there`)
    else if (!isMap(target)) checkText(body, what)
  }
  return lost
}
