// Small charts around what is peculiar in Helm's handling of values, subcharts and manifests; real helm records what it makes of them.
import type { ChartSpec } from '../kit/charts.ts'

/** A chart and how it is rendered. */
export interface ChartCase {
  readonly name: string
  readonly chart: ChartSpec
  /** Values files. Default: none. */
  readonly values?: readonly string[]
  /** Default: none. */
  readonly set?: readonly string[]
  /** Default: none. */
  readonly setString?: readonly string[]
  /** Default: 1.31.0. */
  readonly kubeVersion?: string
  /** Default: none. */
  readonly apiVersions?: readonly string[]
}

/** A template that prints what the chart sees as its values. */
const show = 'kind: ConfigMap\ndata: {{ .Values | toJson | quote }}\n'
const showAll = `${show}chart: {{ .Chart.Name }} {{ .Template.Name }} {{ .Template.BasePath }} {{ .Chart.IsRoot }}\n`
const dependencies = (...lines: string[]): string => `dependencies:\n${lines.map((line) => `  - ${line}\n`).join('')}`

const child: ChartSpec = {
  name: 'child',
  values: 'a: 1\nn: null\ntable: {x: 1, y: null, z: {p: 1, q: null}}\nexports: {data: {shared: 5}}\ntext: hello\n',
  templates: { 'show.yaml': showAll },
}
const grandparent: ChartSpec = {
  name: 'mid',
  values: 'mid: true\nchild: {a: 2}\nglobal: {m: mid, deep: {x: mid, y: mid}}\n',
  metadata: dependencies('{name: child, version: 1.x.x, repository: ""}'),
  templates: { 'show.yaml': showAll },
  subcharts: [child],
}

export const chartCases: readonly ChartCase[] = [
  {
    name: 'nulls remove defaults',
    chart: {
      name: 'web',
      values: 'a: 1\nb: {c: 1, d: null, e: {f: null, g: 2}}\nn: null\nl: [1, null]\n',
      templates: { 'show.yaml': show },
    },
    values: ['a: null\nb: {c: null, x: null, e: {g: null, h: null}}\nnew: null\n'],
  },
  {
    name: 'nulls of a chart alone',
    chart: {
      name: 'web',
      values: 'a: null\nb: {c: null, d: {e: null}}\nl: [null, {x: null}]\n',
      templates: { 'show.yaml': show },
    },
  },
  {
    name: 'tables against scalars',
    chart: { name: 'web', values: 'a: {b: 1}\nc: 1\nd: {e: {f: 1}}\n', templates: { 'show.yaml': show } },
    values: ['a: scalar\nc: {table: 1}\nd: {e: [1]}\n'],
  },
  {
    name: 'later values files win',
    chart: { name: 'web', values: 'a: {b: 1, c: 1}\n', templates: { 'show.yaml': show } },
    values: ['a: {b: 2, d: null}\nx: {y: 1}\n', 'a: {b: null, c: 3}\nx: null\n', ''],
  },
  {
    name: 'assignments',
    chart: { name: 'web', values: 'a: {b: 1}\nl: [{x: 1}, {x: 2}]\n', templates: { 'show.yaml': show } },
    set: [
      'a.b=2,a.c=true,a.d=null,a.e=0,a.f=007,a.g=-5,a.h=1.5,a.i=',
      'l[1].x=9,l[3]=z,m[0][1]=q,n={1,two,true},o.p[0].q=r',
      'esc\\.aped=x\\,y,sp=a b,big=123456789012345678901234567890',
    ],
    setString: ['s=1,t.u=true,l[0].x=0'],
  },
  { name: 'assignment without value', chart: { name: 'web', templates: { 'show.yaml': show } }, set: ['a'] },
  {
    name: 'assignment to a negative index',
    chart: { name: 'web', templates: { 'show.yaml': show } },
    set: ['a[-1]=1'],
  },
  { name: 'assignment of an open list', chart: { name: 'web', templates: { 'show.yaml': show } }, set: ['a={1,2'] },
  {
    name: 'assignment ending in a comma',
    chart: { name: 'web', templates: { 'show.yaml': show } },
    set: ['a=1,b,c=2'],
  },
  {
    name: 'globals from above win and are merged',
    chart: {
      name: 'top',
      values: 'global: {t: top, deep: {x: top, z: null}, n: null}\nmid: {global: {m: parent}}\n',
      templates: { 'show.yaml': showAll },
      metadata: dependencies('{name: mid, version: 1.0.0, repository: ""}'),
      subcharts: [grandparent],
    },
    values: ['global: {u: user, deep: {y: user}}\nmid: {child: {global: {c: child}}}\n'],
  },
  {
    name: 'globals that are no table',
    chart: { name: 'top', values: 'global: text\n', templates: { 'show.yaml': showAll }, subcharts: [child] },
  },
  {
    name: 'subchart values from the parent',
    chart: {
      name: 'top',
      values: 'child: {a: 5, n: 1, table: {x: null, w: 1, z: {p: null}}}\n',
      templates: { 'show.yaml': showAll },
      subcharts: [child],
    },
    values: ['child: {text: null, table: {y: null, w: null}}\n'],
  },
  {
    name: 'a scalar where a subchart has its values',
    chart: { name: 'top', values: 'child: text\n', templates: { 'show.yaml': showAll }, subcharts: [child] },
  },
  {
    name: 'conditions and tags',
    chart: {
      name: 'top',
      values: 'child: {enabled: false}\nb: {on: true}\ntags: {front: false, back: true, odd: "x"}\n',
      metadata: dependencies(
        '{name: child, version: 1.0.0, repository: "", condition: "nope.nope,child.enabled"}',
        '{name: child, version: 1.0.0, repository: "", alias: b, condition: "b.on", tags: [front]}',
        '{name: child, version: 1.0.0, repository: "", alias: c, tags: [front]}',
        '{name: child, version: 1.0.0, repository: "", alias: d, tags: [front, back]}',
        '{name: child, version: 1.0.0, repository: "", alias: e, tags: [odd]}',
        '{name: child, version: 1.0.0, repository: "", alias: f, condition: "tags.odd"}',
      ),
      templates: { 'show.yaml': showAll },
      subcharts: [child],
    },
  },
  {
    name: 'conditions below a subchart',
    chart: {
      name: 'top',
      values: 'mid: {child: {enabled: false}}\n',
      metadata: dependencies('{name: mid, version: ">=0.1", repository: ""}'),
      templates: { 'show.yaml': showAll },
      subcharts: [
        {
          ...grandparent,
          metadata: dependencies('{name: child, version: 1.0.0, repository: "", condition: child.enabled}'),
        },
      ],
    },
  },
  {
    name: 'two aliases of a chart with a subchart',
    chart: {
      name: 'top',
      values: 'one: {child: {a: 11}}\ntwo: {child: {a: 22}}\n',
      metadata: dependencies(
        '{name: mid, version: 1.0.0, repository: "", alias: one}',
        '{name: mid, version: 1.0.0, repository: "", alias: two}',
      ),
      templates: { 'show.yaml': showAll },
      subcharts: [grandparent],
    },
  },
  {
    name: 'two aliases of a chart whose subchart is not listed',
    chart: {
      name: 'top',
      values: 'one: {child: {a: 11}}\ntwo: {child: {a: 22}}\n',
      metadata: dependencies(
        '{name: mid, version: 1.0.0, repository: "", alias: one}',
        '{name: mid, version: 1.0.0, repository: "", alias: two}',
      ),
      templates: { 'show.yaml': showAll },
      subcharts: [{ ...grandparent, metadata: '' }],
    },
  },
  {
    name: 'a version that does not satisfy the dependency',
    chart: {
      name: 'top',
      metadata: dependencies('{name: child, version: 2.x.x, repository: "", alias: other}'),
      templates: { 'show.yaml': showAll },
      subcharts: [child],
    },
  },
  {
    name: 'a dependency that is missing',
    chart: {
      name: 'top',
      metadata: dependencies(
        '{name: absent, version: 2.x.x, repository: ""}',
        '{name: gone, version: 1.x.x, repository: ""}',
      ),
      templates: { 'show.yaml': showAll },
    },
  },
  {
    name: 'imported values',
    chart: {
      name: 'top',
      values: 'shared: 1\nmine: {x: top}\n',
      metadata: dependencies(
        '{name: child, version: 1.0.0, repository: "", import-values: [data, nope, {child: table, parent: mine}, {child: table.z, parent: .}]}',
      ),
      templates: { 'show.yaml': showAll },
      subcharts: [child],
    },
  },
  {
    name: 'imported values through two levels',
    chart: {
      name: 'top',
      metadata: dependencies('{name: mid, version: 1.0.0, repository: "", import-values: [data]}'),
      templates: { 'show.yaml': showAll },
      subcharts: [
        {
          ...grandparent,
          metadata: dependencies(
            '{name: child, version: 1.0.0, repository: "", import-values: [{child: exports, parent: exports}]}',
          ),
        },
      ],
    },
  },
  {
    name: 'imported values below two aliases',
    chart: {
      name: 'top',
      metadata: dependencies(
        '{name: mid, version: 1.0.0, repository: "", alias: one}',
        '{name: mid, version: 1.0.0, repository: "", alias: two}',
      ),
      templates: { 'show.yaml': showAll },
      subcharts: [
        {
          ...grandparent,
          metadata: dependencies('{name: child, version: 1.0.0, repository: "", import-values: [data]}'),
        },
      ],
    },
  },
  {
    name: 'a library as subchart',
    chart: {
      name: 'top',
      templates: { 'a.yaml': 'kind: A\nx: {{ include "lib.x" . }}\n' },
      subcharts: [
        {
          name: 'lib',
          metadata: 'type: library\n',
          templates: { '_x.tpl': '{{ define "lib.x" }}{{ .Chart.Name }}{{ end }}', 'not.yaml': '{{ fail "no" }}' },
        },
      ],
    },
  },
  { name: 'a library alone', chart: { name: 'lib', metadata: 'type: library\n', templates: { '_x.tpl': '' } } },
  {
    name: 'definitions: the top chart and the last file in reverse order win',
    chart: {
      name: 'top',
      templates: {
        '_a.tpl': '{{ define "x" }}top a{{ end }}',
        '_z.tpl': '{{ define "x" }}top z{{ end }}',
        'sub/_b.tpl': '{{ define "x" }}top sub{{ end }}{{ define "y" }}sub y{{ end }}',
        '_blank.tpl': '{{ define "y" }}  {{ end }}',
        'out.yaml': 'kind: A\nx: {{ include "x" . }}\ny: {{ include "y" . }}\n',
      },
      subcharts: [
        {
          name: 'child',
          templates: { '_0.tpl': '{{ define "x" }}child{{ end }}', 'c.yaml': 'kind: B\nx: {{ template "x" }}\n' },
        },
      ],
    },
  },
  {
    name: 'values set by one file are seen by the next',
    chart: {
      name: 'top',
      values: 'm: {}\n',
      templates: {
        'a.yaml': 'kind: A\nm: {{ toJson .Values.m }}\n',
        'b.yaml': '{{ $_ := set .Values.m "b" 1 }}kind: B\nm: {{ toJson .Values.m }}\n',
        'c.yaml': '{{ $_ := set .Values "n" 1 }}kind: C\nm: {{ toJson .Values }}\n',
        'NOTES.txt': '{{ $_ := set .Values.m "notes" 1 }}',
      },
    },
  },
  {
    name: 'order of kinds, hooks and definitions',
    chart: {
      name: 'top',
      files: { 'crds/b.yaml': 'kind: CustomResourceDefinition\nb: 1\n', 'crds/a.yml': '# a\n', 'crds/no.txt': 'x' },
      templates: {
        'z.yaml': 'kind: Deployment\nmetadata: {name: z}\n---\nkind: Zed\n---\nkind: Namespace\n',
        'a.yaml': 'kind: Alpha\n---\nkind: Service\n---\nkind: ValidatingWebhookConfiguration\n---\nkind: APIService\n',
        'h.yaml':
          'kind: Job\nmetadata: {name: late, annotations: {helm.sh/hook: "post-install, PRE-upgrade", helm.sh/hook-weight: "5"}}\n---\nkind: ConfigMap\nmetadata: {annotations: {helm.sh/hook: pre-install}}\n---\nkind: Job\nmetadata: {annotations: {helm.sh/hook: crd-install}}\n---\nkind: Pod\nmetadata: {annotations: {helm.sh/hook: test}}\n---\nkind: Pod\nmetadata: {annotations: {other: x}}\n',
        'tests/t.yaml': 'kind: Pod\nmetadata: {annotations: {helm.sh/hook: test-success}}\n',
        'empty.yaml': '  \n\n',
        'comment.yaml': '# nothing\n',
        'list.yaml': 'kind: RoleList\n---\nkind: MutatingWebhookConfiguration\n---\nno: kind\n',
      },
      subcharts: [{ name: 'child', files: { 'crds/c.json': '{}' }, templates: { 'c.yaml': 'kind: Secret\n' } }],
    },
  },
  {
    name: 'separators of every form',
    chart: {
      name: 'top',
      templates: {
        'a.yaml':
          '---\nkind: A\n---\n---\nkind: B\n--- # c\nkind: C\n---kind: D\n\n  \n---   \n\nkind: E\n ---\nx: 1\n',
        'b.yaml': '\n\n---\n---\n\nkind: A\n\n\n---\n',
        'c.yaml': 'kind: A\ntext: |\n  x\n\n\n  ---\n  y\n---\nkind: B\ntext: |\n  a\n\n\n',
        'd.yaml': 'kind: A\r\n---\r\nkind: B\r\n',
      },
    },
  },
  { name: 'a document that is a string', chart: { name: 'top', templates: { 'a.yaml': 'just text' } } },
  { name: 'a document that is a list', chart: { name: 'top', templates: { 'a.yaml': '- a\n' } } },
  { name: 'a document that is no YAML', chart: { name: 'top', templates: { 'a.yaml': 'a: b: c\n' } } },
  { name: 'metadata that is a list', chart: { name: 'top', templates: { 'a.yaml': 'metadata: [a]\n' } } },
  {
    name: 'annotations that are lists',
    chart: { name: 'top', templates: { 'a.yaml': 'metadata: {annotations: {a: [1]}}\n' } },
  },
  {
    name: 'annotations that are numbers',
    chart: { name: 'top', templates: { 'a.yaml': 'metadata: {annotations: {a: 1, b: true}}\nkind: 5\n' } },
  },
  {
    name: 'failing',
    chart: { name: 'top', templates: { 'a.yaml': 'a: {{ fail "no: because" }}' } },
  },
  {
    name: 'required through includes',
    chart: {
      name: 'top',
      templates: {
        '_h.tpl': '{{ define "h" }}\n{{ required "x is needed" .Values.x }}{{ end }}',
        'a.yaml': 'a:\n  b: {{ include "h" . | indent 2 }}',
      },
    },
  },
  {
    name: 'an error inside an include',
    chart: {
      name: 'top',
      templates: { '_h.tpl': '{{ define "h" }}{{ .Values.a.b.c }}{{ end }}', 'a.yaml': '{{ include "h" . }}' },
    },
  },
  { name: 'an error inside tpl', chart: { name: 'top', templates: { 'a.yaml': '{{ tpl "{{ .Values.a.b }}" . }}' } } },
  { name: 'tpl that does not parse', chart: { name: 'top', templates: { 'a.yaml': '{{ tpl "{{ if }}" . }}' } } },
  { name: 'a template that does not parse', chart: { name: 'top', templates: { 'a.yaml': '\n{{ if .x }}' } } },
  { name: 'a function that does not exist', chart: { name: 'top', templates: { 'a.yaml': '{{ nope "x: y" }}' } } },
  { name: 'an include that does not exist', chart: { name: 'top', templates: { 'a.yaml': '{{ include "nope" . }}' } } },
  { name: 'a wrong argument', chart: { name: 'top', templates: { 'a.yaml': '{{ trunc "x" 5 }}' } } },
  {
    name: 'tpl: scope of definitions, of dot and of no value',
    chart: {
      name: 'top',
      values:
        't: "{{ define \\"in\\" }}in{{ end }}{{ include \\"in\\" . }}{{ include \\"out\\" . }}{{ .Values.nope }}|{{ tpl .Values.u . }}"\nu: "{{ include \\"in\\" . }}"\n',
      templates: {
        '_h.tpl': '{{ define "out" }}out{{ .Values.nope }}{{ end }}',
        'a.yaml': 'kind: A\nx: {{ tpl .Values.t . | quote }}\ny: {{ include "out" . | len }}\nz: "<no value>"\n',
      },
    },
  },
  {
    name: 'files',
    chart: {
      name: 'top',
      files: {
        'config/a.txt': 'one\ntwo\n',
        'config/b.conf': 'x: 1',
        'config/deep/c.txt': 'deep',
        'README.md': '# hi\n',
        'bin.dat': Uint8Array.from([0xff, 0xfe, 0x00, 0x41]),
      },
      templates: {
        'a.yaml':
          'kind: A\nget: {{ .Files.Get "config/a.txt" | quote }}\nnone: {{ .Files.Get "nope" | quote }}\nlines: {{ .Files.Lines "config/a.txt" | toJson }}\nglob: {{ range $p, $_ := .Files.Glob "config/*" }}{{ $p }} {{ end }}\nall: {{ range $p, $_ := .Files.Glob "**.txt" }}{{ $p }} {{ end }}\nalt: {{ range $p, $_ := .Files.Glob "{config,x}/[ab].*" }}{{ $p }} {{ end }}\nkeys: {{ range $p, $_ := .Files }}{{ $p }} {{ end }}\nbin: {{ .Files.Get "bin.dat" | b64enc }} {{ len (.Files.Get "bin.dat") }}\nconfig:\n{{ (.Files.Glob "config/**").AsConfig | indent 2 }}\nsecrets:\n{{ (.Files.Glob "config/*").AsSecrets | indent 2 }}\ntypes: {{ typeOf .Files }} {{ kindOf .Files }} {{ typeOf (.Files.GetBytes "README.md") }}\nfield: {{ index .Files "README.md" | toString | quote }}\n',
      },
    },
  },
  {
    name: 'objects',
    chart: {
      name: 'top',
      metadata:
        'appVersion: 1.10\ndescription: d\nkeywords: [k, l]\nhome: h\nannotations: {a: b}\nmaintainers: [{name: m, email: e}]\nsources: [s]\n',
      templates: {
        'a.yaml':
          'kind: A\nchart: {{ .Chart.Name }} {{ .Chart.Version }} {{ .Chart.AppVersion }} {{ .Chart.Description }} {{ .Chart.Type }} {{ .Chart.APIVersion }} {{ .Chart.Home }}\nlists: {{ .Chart.Keywords | toJson | quote }}\nmore: {{ .Chart.Sources | join "," }} {{ (index .Chart.Maintainers 0).Name }} {{ .Chart.Annotations.a }} {{ .Chart.Annotations | toJson | squote }}\nrelease: {{ .Release | toJson }}\nkube: {{ .Capabilities.KubeVersion }} {{ .Capabilities.KubeVersion.Major }} {{ .Capabilities.KubeVersion.Minor }} {{ .Capabilities.KubeVersion.GitVersion }} {{ .Capabilities.KubeVersion.Version }}\napis: {{ .Capabilities.APIVersions.Has "v1" }} {{ .Capabilities.APIVersions.Has "apps/v1/Deployment" }} {{ .Capabilities.APIVersions.Has "mine/v1" }} {{ .Capabilities.APIVersions | has "mine/v2" }}\ntypes: {{ typeOf .Chart }} {{ kindOf .Chart }} {{ kindOf .Capabilities }} {{ typeOf .Values }} {{ typeOf .Values.AsMap }} {{ typeOf . }} {{ kindOf .Release }}\ntable: {{ typeOf .Values }}\n',
      },
    },
    kubeVersion: 'v1.29.3-gke.100',
    apiVersions: ['mine/v1', 'mine/v2'],
  },
  {
    name: 'a field that .Chart does not have',
    chart: { name: 'top', templates: { 'a.yaml': 'a: {{ .Chart.nope }}' } },
  },
  {
    name: 'a field that .Capabilities does not have',
    chart: { name: 'top', templates: { 'a.yaml': 'a: {{ .Capabilities.Nope }}' } },
  },
  {
    name: 'a field that .Release does not have',
    chart: { name: 'top', templates: { 'a.yaml': 'a: {{ .Release.Nope }}' } },
  },
  {
    name: 'methods of values',
    chart: {
      name: 'top',
      values: 'a: {b: {c: 1}}\nYAML: shadowed\n',
      templates: {
        'a.yaml':
          'kind: A\nt: {{ (.Values.Table "a.b").c }}\np: {{ .Values.PathValue "a.b.c" }}\ny: {{ .Values.YAML | quote }}\nm: {{ dig "a" "b" "c" "d" .Values.AsMap }}\nn: {{ .Values.a.YAML }}\n',
      },
    },
  },
  {
    name: 'a table of values that is missing',
    chart: { name: 'top', templates: { 'a.yaml': 'a: {{ .Values.Table "a.b" }}' } },
  },
  {
    name: 'kubeVersion that does not fit',
    chart: { name: 'top', metadata: 'kubeVersion: ">=1.40"\n', templates: { 'a.yaml': show } },
  },
  {
    name: 'kubeVersion with a prerelease',
    chart: { name: 'top', metadata: 'kubeVersion: ">=1.20-0"\n', templates: { 'a.yaml': show } },
    kubeVersion: '1.29.3-gke.100',
  },
  {
    name: 'a schema that is met',
    chart: {
      name: 'top',
      values: 'a: 1\n',
      files: { 'values.schema.json': '{"properties":{"a":{"type":"integer"}},"required":["a"]}' },
      templates: { 'a.yaml': show },
    },
  },
  ...Object.entries({
    'a wrong type': ['a: text', { properties: { a: { type: 'integer' } } }],
    'one of types': ['a: 1.5', { properties: { a: { type: ['string', 'null', 'integer'] } } }],
    'a null': ['a: {b: null}', { properties: { a: { properties: { b: { type: 'string' } } } } }],
    'missing properties': ['a: {b: 1}', { properties: { a: { required: ['x', 'y'] } } }],
    'a property too many': ['a: {b: 1}', { properties: { a: { additionalProperties: false } } }],
    'a number too small': ['a: -5', { properties: { a: { minimum: 0 } } }],
    'a number too large': ['a: 5', { properties: { a: { exclusiveMaximum: 5 } } }],
    'no multiple': ['a: 5', { properties: { a: { multipleOf: 2 } } }],
    'a text too short': ['a: x', { properties: { a: { minLength: 3 } } }],
    'a list too long': ['a: [1, 2, 3]', { properties: { a: { maxItems: 2 } } }],
    'an item': ['a: [1, two]', { properties: { a: { items: { type: 'number' } } } }],
    'equal items': ['a: [1, two, 1]', { properties: { a: { uniqueItems: true } } }],
    'a table too small': ['a: {b: 1}', { properties: { a: { minProperties: 2 } } }],
    'a value that must be': ['a: x', { properties: { a: { const: 'y' } } }],
    'a choice': ['a: x', { properties: { a: { enum: ['y', 1, null, true] } } }],
    'no alternative': ['a: x', { properties: { a: { anyOf: [{ type: 'integer' }, { type: 'boolean' }] } } }],
    'a negation': ['a: x', { properties: { a: { not: { type: 'string' } } } }],
    'two faults of one value': ['a: {b: 1}', { properties: { a: { minProperties: 2, additionalProperties: false } } }],
  } satisfies Record<string, readonly [string, unknown]>).map(
    ([name, [values, schema]]): ChartCase => ({
      name: `a broken schema: ${name}`,
      chart: {
        name: 'top',
        values: `${values}\n`,
        files: { 'values.schema.json': JSON.stringify(schema) },
        templates: { 'a.yaml': show },
      },
    }),
  ),
  {
    name: 'a schema of a subchart that is broken',
    chart: {
      name: 'top',
      values: 'child: {a: [1]}\n',
      files: { 'values.schema.json': '{"properties":{"child":{"required":["q"]}}}' },
      templates: { 'a.yaml': show },
      subcharts: [
        {
          ...child,
          files: {
            'values.schema.json':
              '{"$ref":"#/definitions/x","definitions":{"x":{"properties":{"a":{"type":"number"}}}}}',
          },
        },
      ],
    },
  },
  {
    name: 'a subchart switched on by a value given',
    chart: {
      name: 'top',
      values: 'child: {enabled: false}\n',
      metadata: dependencies('{name: child, version: 1.0.0, repository: "", condition: child.enabled}'),
      templates: { 'show.yaml': showAll },
      subcharts: [child],
    },
    set: ['child.enabled=true'],
  },
  {
    name: 'subcharts as objects',
    chart: {
      name: 'top',
      values: 'child: {text: from top}\n',
      templates: {
        'a.yaml':
          'kind: A\nx: {{ .Subcharts.child.Values.text }} {{ .Subcharts.child.Chart.Name }}\ny: {{ include "c" .Subcharts.child }}\n',
      },
      subcharts: [{ ...child, templates: { '_c.tpl': '{{ define "c" }}{{ .Values.a }}{{ end }}' } }],
    },
  },
  {
    name: 'keys of YAML 1.1',
    chart: { name: 'top', values: 'on: 1\ny: 2\nno: 3\n1: 4\n1.5: 5\n0755: 6\n', templates: { 'a.yaml': show } },
  },
  { name: 'a key that is null', chart: { name: 'web', values: 'a: 1\n~: 7\n', templates: { 'a.yaml': show } } },
  { name: 'infinity', chart: { name: 'web', values: 'a: .inf\n', templates: { 'a.yaml': show } } },
  { name: 'values that are a list', chart: { name: 'top', values: '- a\n', templates: { 'a.yaml': show } } },
  { name: 'a values file that is text', chart: { name: 'top', templates: { 'a.yaml': show } }, values: ['text\n'] },
  {
    name: 'scalars of YAML 1.1',
    chart: {
      name: 'top',
      values:
        'a: 0755\nb: 1_000\nc: 12:30\nd: 2020-01-01\ne: yes\nf: ~\ng: 1e3\ni: 0x1F\nj: "1"\nk: 12345678901234567890\n',
      templates: {
        'a.yaml': 'kind: A\n{{ range $k, $v := .Values }}{{ $k }}: {{ $v | quote }} {{ typeOf $v }}\n{{ end }}',
      },
    },
  },
  {
    name: 'notes are executed though not printed',
    chart: { name: 'top', templates: { 'NOTES.txt': '{{ fail "in notes" }}', 'a.yaml': 'kind: A\n' } },
  },
  {
    name: 'templates of any ending are printed',
    chart: {
      name: 'top',
      templates: {
        'a.txt': 'kind: A\n',
        'b.tpl': 'kind: B\n',
        'c.json': '{"kind": "C"}',
        d: 'kind: D\n',
        'MYNOTES.txt': 'not yaml: x: y',
      },
    },
  },
]
