// Images that functions of templates put together, so that no leaf is theirs, and registries that charts take apart.
import { expect, it } from 'vitest'
import { expectMoved, podOf, type Shape } from '../../kit/shapes.ts'
import { describeWithTools } from '../../kit/tools.ts'

const at = 'reg.corp:5000/mirror'

const accountValues = 'image: {account: "6024", region: us-west-2, domain: amazonaws.com, tag: v1.22.4, override: ""}\n'
const accountHelper = `{{- define "web.image" -}}
{{- with .Values.image }}{{ if .override }}{{ .override }}{{ else -}}
{{ printf "%s.dkr.ecr.%s.%s/cni:%s" .account .region .domain .tag }}{{ end }}{{ end }}
{{- end }}
`

const shapes: Readonly<Record<string, Shape>> = {
  'a host that is put together from an account and a region': {
    chart: {
      name: 'web',
      values: accountValues,
      templates: { '_helpers.tpl': accountHelper, 'pod.yaml': podOf('{{ include "web.image" . }}') },
    },
    moves: { '6024.dkr.ecr.us-west-2.amazonaws.com/': `${at}/` },
    keeps: [accountValues],
  },
  'a name that a regular expression changes, in quotes and with white space trimmed': {
    chart: {
      name: 'web',
      values: 'image: {navigator: cp.icr.io/navigator:1, services: cp.icr.io/services, tag: v2}\n',
      templates: {
        'pod.yaml': podOf(
          `"{{  regexReplaceAll "(^cp\\\\.icr\\\\.io/)" .Values.image.navigator "\${1}cp/icp/"  -}}"`,
          `{{ regexReplaceAll "(^cp\\\\.icr\\\\.io/)" .Values.image.services "\${1}cp/icp/" }}:{{ .Values.image.tag }}`,
        ),
      },
    },
    moves: { 'cp.icr.io/': `${at}/` },
  },
  'a registry that a function makes before a name of the template': {
    chart: {
      name: 'web',
      values: 'region: EU\n',
      templates: { 'pod.yaml': podOf('{{ printf "%s.gcr.io" (.Values.region | lower) }}/acme/job:1') },
    },
    moves: { 'eu.gcr.io/': `${at}/` },
    also: ['region: EU'],
  },
  'a registry prefix whose host and path go to two variables': {
    chart: {
      name: 'web',
      values: 'prefix: cp.icr.io/cp/assistant\nimage: {name: master, tag: v1}\n',
      templates: {
        'pod.yaml': `${podOf('{{ .Values.prefix }}/{{ .Values.image.name }}:{{ .Values.image.tag }}')}      env:
        - {name: DOCKER_REGISTRY, value: "{{ splitList "/" .Values.prefix | first }}"}
        - {name: LEVEL, value: info}
        - {name: DOCKER_REGISTRY_NAMESPACE, value: "{{ splitList "/" .Values.prefix | rest | join "/" }}"}
`,
      },
    },
    moves: {
      'cp.icr.io/': `${at}/`,
      '"cp.icr.io"': '"reg.corp:5000"',
      '"cp/assistant"': '"mirror/cp/assistant"',
    },
  },
}

describeWithTools('relocate moves', ['helm3'], ({ helm3 }) => {
  it.each(Object.keys(shapes))('%s', async (name) => {
    const { plan } = await expectMoved(helm3, shapes[name] as Shape)
    expect(plan.unresolved).toEqual([])
  })
})
