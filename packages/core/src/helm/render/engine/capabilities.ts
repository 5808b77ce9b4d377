// What `.Capabilities` says of the cluster and of Helm, per version of Helm (its pkg/chartutil/capabilities.go).
import { ChartferryError } from '../../../errors.ts'
import { defineMethod } from '../../template/function.ts'
import { textFrom } from '../../template/text.ts'
import { GoList, GoStruct, type GoType, goTypes, type Text } from '../../template/value.ts'

/** The group/versions that client-go 0.37, in Helm 3.22 and 4.3, knows without a cluster. */
const knownApiVersions: readonly string[] = [
  ['', 'v1'],
  ['admissionregistration.k8s.io', 'v1', 'v1alpha1', 'v1beta1'],
  ['internal.apiserver.k8s.io', 'v1alpha1'],
  ['apps', 'v1', 'v1beta1', 'v1beta2'],
  ['authentication.k8s.io', 'v1', 'v1alpha1', 'v1beta1'],
  ['authorization.k8s.io', 'v1', 'v1beta1'],
  ['autoscaling', 'v1', 'v2'],
  ['batch', 'v1', 'v1beta1'],
  ['certificates.k8s.io', 'v1', 'v1beta1', 'v1alpha1'],
  ['coordination.k8s.io', 'v1alpha2', 'v1beta1', 'v1'],
  ['discovery.k8s.io', 'v1', 'v1beta1'],
  ['events.k8s.io', 'v1', 'v1beta1'],
  ['extensions', 'v1beta1'],
  ['flowcontrol.apiserver.k8s.io', 'v1', 'v1beta1', 'v1beta2', 'v1beta3'],
  ['lifecycle.k8s.io', 'v1alpha1'],
  ['networking.k8s.io', 'v1', 'v1beta1'],
  ['node.k8s.io', 'v1', 'v1alpha1', 'v1beta1'],
  ['policy', 'v1', 'v1beta1'],
  ['rbac.authorization.k8s.io', 'v1', 'v1beta1', 'v1alpha1'],
  ['resource.k8s.io', 'v1', 'v1beta2', 'v1beta1', 'v1alpha3'],
  ['scheduling.k8s.io', 'v1alpha3', 'v1beta1', 'v1'],
  ['storage.k8s.io', 'v1beta1', 'v1', 'v1alpha1'],
  ['storagemigration.k8s.io', 'v1', 'v1beta1'],
  ['apiextensions.k8s.io', 'v1beta1', 'v1'],
].flatMap(([group, ...versions]) => versions.map((version) => (group === '' ? version : `${group}/${version}`)))

/** The versions that the engine follows. */
export const helmVersions: Readonly<
  Record<3 | 4, { readonly helm: string; readonly kubernetes: string; readonly go: string }>
> = {
  3: { helm: 'v3.22.0', kubernetes: 'v1.37.0', go: 'go1.26.8' },
  4: { helm: 'v4.3.1', kubernetes: 'v1.37.0', go: 'go1.26.8' },
}

/** A Kubernetes version as templates see it. */
interface KubeVersion {
  /** As Helm shows it: Helm 3 drops what stands behind the numbers. */
  readonly version: string
  /** `v1.31.0`, for comparisons. */
  readonly normalized: string
  readonly major: string
  readonly minor: string
}

/** A Kubernetes version as `--kube-version` takes it. Throws USAGE for a text that is none. */
export function parseKubeVersion(text: string, helm: 3 | 4): KubeVersion {
  const found = /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?/.exec(text.trim())
  if (found === null) throw new ChartferryError('USAGE', `${JSON.stringify(text)} is no Kubernetes version`)
  const [, major = '', minor = '', patch = '0'] = found
  const normalized = `v${major}.${minor}.${patch}`
  const version = helm === 3 ? normalized : text.startsWith('v') ? text : `v${text}`
  return { version, normalized, major, minor }
}

/** The file that a field of `.Capabilities` is said to come from in a traced rendering. */
export const clusterOrigin = '.Capabilities'

/** The value of `.Capabilities`; what is traced says so. */
export function capabilitiesOf(
  helm: 3 | 4,
  kubeVersion: string = helmVersions[helm].kubernetes,
  apiVersions: readonly string[] = [],
  traced = false,
): GoStruct {
  const home = helm === 3 ? 'chartutil' : 'common'
  const kube = parseKubeVersion(kubeVersion, helm)
  /** What follows the version of the cluster is to know that it does. */
  const from = (text: string, ...path: readonly string[]): Text =>
    traced ? textFrom(text, { kind: 'field', file: clusterOrigin, path: ['KubeVersion', ...path] }) : text
  const [version, normalized] = [from(kube.version, 'Version'), from(kube.normalized, 'Version')]
  const [major, minor] = [from(kube.major, 'Major'), from(kube.minor, 'Minor')]
  const kubeType: GoType = {
    name: `${home}.KubeVersion`,
    methods: new Map([
      ['String', defineMethod('String', [], () => normalized)],
      ['GitVersion', defineMethod('GitVersion', [], () => version)],
    ]),
    addressToText: () => normalized,
  }
  const setType: GoType = {
    name: `${home}.VersionSet`,
    underlying: goTypes.stringList,
    zero: '',
    methods: new Map([['Has', defineMethod('Has', ['string'], (self: GoList, wanted) => self.items.includes(wanted))]]),
  }
  return new GoStruct(
    { name: `${home}.Capabilities` },
    [
      [
        'KubeVersion',
        new GoStruct(kubeType, [
          ['Version', version],
          // Helm 4 keeps the version once more in a field that templates cannot see, but print.
          ...(helm === 4 ? [['normalizedVersion', normalized] as const] : []),
          ['Major', major],
          ['Minor', minor],
        ]),
      ],
      ['APIVersions', new GoList([...knownApiVersions, ...apiVersions], setType)],
      ['HelmVersion', buildInfo(helm)],
    ],
    { isPointer: true },
  )
}

function buildInfo(helm: 3 | 4): GoStruct {
  const { helm: version, go } = helmVersions[helm]
  const jsonNames = new Map([
    ['Version', 'version,omitempty'],
    ['GitCommit', 'git_commit,omitempty'],
    ['GitTreeState', 'git_tree_state,omitempty'],
    ['GoVersion', 'go_version,omitempty'],
    ['KubeClientVersion', 'kube_client_version'],
  ])
  return new GoStruct({ name: 'version.BuildInfo', jsonNames }, [
    ['Version', version],
    ['GitCommit', ''],
    ['GitTreeState', ''],
    ['GoVersion', go],
    ...(helm === 4 ? [['KubeClientVersion', 'v1.37'] as const] : []),
  ])
}
