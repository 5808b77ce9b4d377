// Lines that people copy: a chart version by helm, from the registry, for Argo CD and Flux, and relocated.
import { shellWord } from './shell-word.ts'

/** What lines are made for. */
export interface ReadyVersion {
  /** Where clients reach us, without a slash at its end. */
  readonly url: string
  readonly repository: string
  readonly chart: string
  readonly version: string
  /** Whether anybody may pull: otherwise helm is told to ask for a password. */
  readonly isPublic: boolean
  /** Whether it has been relocated already. */
  readonly isRelocated: boolean
}

/** Lines under what they are for. */
export interface ReadyLines {
  readonly label: string
  readonly text: string
}

/** `helm repo add`, which asks for the password where there are users. */
export function repositoryLine({
  url,
  repository,
  isPublic,
}: Pick<ReadyVersion, 'url' | 'repository' | 'isPublic'>): string {
  const user = isPublic ? '' : ' --username NAME'
  return `helm repo add ${shellWord(repository)} ${shellWord(`${url}/${repository}`)}${user}`
}

/** All of them, as complete as they can be typed: each block works by itself. */
export function readyLines(version: ReadyVersion): readonly ReadyLines[] {
  const { repository, chart } = version
  const add = repositoryLine(version)
  const release = shellWord(releaseOf(chart))
  const named = shellWord(`${repository}/${chart}`)
  const at = `--version ${shellWord(version.version)}`
  const oci = `${shellWord(ociUrl(version))} ${at}${version.url.startsWith('http:') ? ' --plain-http' : ''}`
  return [
    { label: 'Helm 3 and 4', text: `${add}\nhelm install ${release} ${named} ${at}` },
    { label: 'Helm, from the registry', text: `${loginLine(version)}helm install ${release} ${oci}` },
    { label: 'Download the archive', text: `${loginLine(version)}helm pull ${oci}` },
    ...(version.isRelocated
      ? []
      : [
          {
            label: 'Relocate to your registry',
            text: `${add}\nchartferry relocate ${named} ${at} --to registry.example.com/mirror -d out/`,
          },
        ]),
    { label: 'Argo CD', text: argoApplication(version) },
    { label: 'Flux', text: fluxRelease(version) },
  ]
}

function ociUrl({ url, repository, chart }: ReadyVersion): string {
  return `oci://${url.replace(/^https?:\/\//, '')}/${repository}/${chart}`
}

function loginLine({ url, isPublic }: ReadyVersion): string {
  if (isPublic) return ''
  const host = new URL(url).host
  return `helm registry login ${shellWord(host)} --username NAME${url.startsWith('http:') ? ' --plain-http' : ''}\n`
}

/** The name of a release: a label of DNS that begins with a letter, at most 53 characters (helm). */
function releaseOf(chart: string): string {
  const label = chart.toLowerCase().replace(/[^a-z0-9-]+/g, '-')
  return `my-${label}`.slice(0, 53).replace(/-+$/, '')
}

function argoApplication(version: ReadyVersion): string {
  const { url, repository, chart } = version
  return `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: ${quoted(releaseOf(chart))}
  namespace: argocd
spec:
  project: default
  source:
    repoURL: ${quoted(`${url}/${repository}`)}
    chart: ${quoted(chart)}
    targetRevision: ${quoted(version.version)}
  destination:
    server: https://kubernetes.default.svc
    namespace: default
`
}

function fluxRelease(version: ReadyVersion): string {
  const { url, repository, chart, isPublic } = version
  const secret = isPublic ? '' : '\n  secretRef:\n    name: chartferry-credentials'
  return `apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: ${quoted(repository)}
  namespace: flux-system
spec:
  interval: 10m
  url: ${quoted(`${url}/${repository}`)}${secret}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${quoted(releaseOf(chart))}
  namespace: default
spec:
  interval: 10m
  chart:
    spec:
      chart: ${quoted(chart)}
      version: ${quoted(version.version)}
      sourceRef:
        kind: HelmRepository
        name: ${quoted(repository)}
        namespace: flux-system
`
}

/** A scalar of YAML that means just this text: JSON's form is one of YAML's. */
function quoted(text: string): string {
  return /^[a-z][a-z0-9-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/.test(text)
    ? text
    : JSON.stringify(text)
}
