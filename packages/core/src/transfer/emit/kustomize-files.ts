// Files around the list `images:`: a kustomization, a component, a post-renderer for helm, snippets for Flux and Argo CD.
import { dump } from 'js-yaml'
import type { EmittedFile } from './emission.ts'
import type { KustomizeImage } from './kustomize-images.ts'

const yaml = (document: object): string => dump(document, { lineWidth: -1, noRefs: true })

/** The list alone, to be copied into a kustomization. */
export function kustomizationImages(images: readonly KustomizeImage[]): readonly EmittedFile[] {
  return [{ path: 'images.yaml', text: yaml({ images }) }]
}

/** A component: `components: [FOLDER]` in any kustomization takes it in. */
export function kustomizeComponent(images: readonly KustomizeImage[]): readonly EmittedFile[] {
  const component = { apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component', images }
  return [{ path: 'kustomization.yaml', text: yaml(component) }]
}

/**
 * A folder that is a post-renderer of helm: Helm 3 takes the path of the script, Helm 4 installs the folder as a plugin
 * (postrenderer/v1). It needs kustomize, or kubectl, and nothing of ours.
 */
export function helmPostRenderer(images: readonly KustomizeImage[]): readonly EmittedFile[] {
  const plugin = {
    apiVersion: 'v1',
    type: 'postrenderer/v1',
    name: 'private-images',
    version: '1.0.0',
    runtime: 'subprocess',
    runtimeConfig: { platformCommand: [{ command: `$\{HELM_PLUGIN_DIR}/post-render.sh` }] },
  }
  const script = [
    '#!/bin/sh',
    '# helm 3: helm install … --post-renderer ./post-render.sh',
    '# helm 4: helm plugin install .   then   helm install … --post-renderer private-images',
    'set -eu',
    'folder=$(mktemp -d)',
    `trap 'rm -rf "$folder"' EXIT`,
    'cat >"$folder/rendered.yaml"',
    `cat >"$folder/kustomization.yaml" <<'END'`,
    yaml({ resources: ['rendered.yaml'], images }).trimEnd(),
    'END',
    'if command -v kustomize >/dev/null; then kustomize build "$folder"; else kubectl kustomize "$folder"; fi',
    '',
  ].join('\n')
  return [
    { path: 'plugin.yaml', text: yaml(plugin) },
    { path: 'post-render.sh', text: script, isExecutable: true },
  ]
}

/** What a HelmRelease of Flux says below `spec`: its post-renderers. */
export function fluxPostRenderers(name: string, images: readonly KustomizeImage[]): readonly EmittedFile[] {
  const release = {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name },
    spec: { postRenderers: [{ kustomize: { images } }] },
  }
  return [{ path: 'helmrelease-patch.yaml', text: yaml(release) }]
}

/** What an Application of Argo CD says of a kustomization as its source. */
export function argoKustomizeImages(name: string, images: readonly KustomizeImage[]): readonly EmittedFile[] {
  const texts = images.map(
    ({ name: from, newName, newTag, digest }) =>
      `${from}=${newName}${newTag === undefined ? '' : `:${newTag}`}${digest === undefined ? '' : `@${digest}`}`,
  )
  const application = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name },
    spec: { source: { kustomize: { images: texts } } },
  }
  return [{ path: 'application-patch.yaml', text: yaml(application) }]
}
