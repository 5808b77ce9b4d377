// The overlay between what upstream says and what the user says: images, pull secret, labels. It is made anew by every
// run; what was written into it by hand stays.
import { dump } from 'js-yaml'
import { ChartferryError } from '../../errors.ts'
import { parseYaml } from '../../helm/yaml/parse.ts'
import type { KustomizeImage } from '../emit/kustomize-images.ts'
import { type BaseObject, isMap } from './manifest-files.ts'
import type { WorkingFile, WorkingState } from './working-folder.ts'

/** A login at the registry, for the nodes. */
export interface PullLogin {
  /** `host[:port]`. */
  readonly host: string
  readonly username: string
  readonly password: string
}

export interface MidstreamRequest {
  readonly name: string
  readonly images: readonly KustomizeImage[]
  /** Changes to what kustomize does not take for images. */
  readonly patches: readonly object[]
  readonly objects: readonly BaseObject[]
  readonly login?: PullLogin | undefined
  /** The overlay that is there. Default: none. */
  readonly existing?: string | undefined
  /** What of it the last run wrote. */
  readonly before?: WorkingState['midstream'] | undefined
}

export interface Midstream {
  readonly files: readonly WorkingFile[]
  readonly state: WorkingState['midstream']
}

/** Where the overlay is. */
export const midstreamFolder = 'overlays/midstream'
const secretFile = 'secret.yaml'
/** The file with the login. */
export const secretPath: string = `${midstreamFolder}/${secretFile}`
const pullSecretsFile = 'pullsecrets.yaml'
/** The files that it may have of us; all others are the user's. */
export const midstreamFiles: readonly string[] = ['kustomization.yaml', secretFile, pullSecretsFile].map(
  (name) => `${midstreamFolder}/${name}`,
)

/**
 * The files of the overlay. Throws YAML_INVALID for an overlay that is none any more, WORKING_FOLDER_CONFLICT where an
 * entry made by hand says otherwise than ours.
 */
export function midstream(request: MidstreamRequest): Midstream {
  const { name, images, objects, login, existing, before } = request
  const where = `${midstreamFolder}/kustomization.yaml`
  const theirs = existing === undefined ? {} : parseYaml(existing, { where })
  if (!isMap(theirs)) throw new ChartferryError('YAML_INVALID', `${where}: it is not a mapping`)
  const secretName = secretNameOf(name)
  const pullSecrets = login === undefined ? [] : objects.flatMap((object) => pullSecretPatch(object, secretName))
  const resources = ['../../base', ...(login === undefined ? [] : [secretFile])]
  const patches = [...request.patches, ...(pullSecrets.length === 0 ? [] : [{ path: pullSecretsFile }])]
  const handMade = listAt(theirs, 'images').filter(
    (entry) => !(before?.images ?? []).some((ours) => isSame(ours, entry)),
  )
  refuseConflicts(handMade, images, where)
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    ...theirs,
    resources: withTheirs(theirs, 'resources', resources, before?.resources),
    images: [...images, ...handMade],
    patches: withTheirs(theirs, 'patches', patches, before?.patches),
    labels: withTheirs(theirs, 'labels', [labelOf(name)], [labelOf(name)]),
  }
  return {
    files: [
      { path: where, content: yaml(kustomization) },
      ...(login === undefined ? [] : [{ path: secretPath, content: pullSecretText(name, login), mode: 0o600 }]),
      ...(pullSecrets.length === 0
        ? []
        : [{ path: `${midstreamFolder}/${pullSecretsFile}`, content: pullSecrets.map(yaml).join('---\n') }]),
    ],
    state: { images, patches, resources },
  }
}

const yaml = (document: object): string => dump(document, { lineWidth: -1, noRefs: true })

const labelOf = (name: string): object => ({ pairs: { 'kots.io/app-slug': name } })

const isSame = (a: unknown, b: unknown): boolean => canonicalText(a) === canonicalText(b)

const canonicalText = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) =>
    isMap(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
  )

const listAt = (map: Record<string, unknown>, key: string): readonly unknown[] => {
  const value = map[key]
  return Array.isArray(value) ? value : []
}

/** Ours first, then what stands there and is not what the last run wrote. */
function withTheirs(
  theirs: Record<string, unknown>,
  key: string,
  ours: readonly unknown[],
  before: readonly unknown[] = [],
): readonly unknown[] {
  const known = [...ours, ...before]
  return [...ours, ...listAt(theirs, key).filter((item) => !known.some((mine) => isSame(mine, item)))]
}

function refuseConflicts(handMade: readonly unknown[], ours: readonly KustomizeImage[], where: string): void {
  const names = new Set(ours.map(({ name }) => name))
  const conflicts = handMade.flatMap((entry) =>
    isMap(entry) && names.has(String(entry.name)) ? [String(entry.name)] : [],
  )
  if (conflicts.length === 0) return
  throw new ChartferryError(
    'WORKING_FOLDER_CONFLICT',
    `${where}: entries of \`images\` were written by hand for images that this run moves: ${conflicts.join(', ')}`,
    { hint: 'Move them to overlays/downstreams/this-cluster, where they override ours, or delete them.' },
  )
}

const secretNameOf = (name: string): string => `${name}-registry`

/** The secret that pods of an application pull with. */
export function pullSecretText(name: string, { host, username, password }: PullLogin): string {
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  const config = JSON.stringify({ auths: { [host]: { username, password, auth } } })
  return yaml({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: secretNameOf(name),
      annotations: { 'helm.sh/hook': 'pre-install,pre-upgrade', 'helm.sh/hook-weight': '-9999' },
    },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
  })
}

/** Where each kind has its pod; what is not here is left to its operator. */
const podPaths: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  ...Object.fromEntries(
    ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job'].map((kind) => [
      kind,
      ['spec', 'template', 'spec'],
    ]),
  ),
}

function pullSecretPatch({ apiVersion, kind, name, namespace }: BaseObject, secretName: string): readonly object[] {
  const path = podPaths[kind]
  if (path === undefined || name === '') return []
  const body = path.reduceRight<object>((inner, key) => ({ [key]: inner }), {
    imagePullSecrets: [{ name: secretName }],
  })
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) }
  return [{ apiVersion, kind, metadata, ...body }]
}
