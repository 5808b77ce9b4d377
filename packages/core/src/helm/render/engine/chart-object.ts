// `.Chart`: the metadata of a chart as templates see it; a struct in Helm 3, a map in Helm 4.
import type { ChartMetadata } from '../../chart/metadata.ts'
import { textFrom } from '../../template/text.ts'
import { GoList, GoMap, GoStruct, type GoType, goTypes, type Text, type Value } from '../../template/value.ts'
import type { LoadedChart } from './loaded-chart.ts'

/** Go's fields in order, with the key of Chart.yaml that each is read from. */
const metadataFields = [
  ['Name', 'name'],
  ['Home', 'home'],
  ['Sources', 'sources'],
  ['Version', 'version'],
  ['Description', 'description'],
  ['Keywords', 'keywords'],
  ['Maintainers', 'maintainers'],
  ['Icon', 'icon'],
  ['APIVersion', 'apiVersion'],
  ['Condition', 'condition'],
  ['Tags', 'tags'],
  ['AppVersion', 'appVersion'],
  ['Deprecated', 'deprecated'],
  ['Annotations', 'annotations'],
  ['KubeVersion', 'kubeVersion'],
  ['Dependencies', 'dependencies'],
  ['Type', 'type'],
] as const
const maintainerFields = ['name', 'email', 'url'] as const
const dependencyFields = [
  'name',
  'version',
  'repository',
  'condition',
  'tags',
  'enabled',
  'import-values',
  'alias',
] as const

const jsonNames: ReadonlyMap<string, string> = new Map(
  metadataFields.map(([field, key]) => [field, `${key},omitempty`]),
)
const metadataType: GoType = { name: 'chart.Metadata', jsonNames }
// Go finds the fields of the embedded struct in the outer one, so they stand in both.
const chartType: GoType = {
  name: 'struct { chart.Metadata; IsRoot bool }',
  jsonNames: new Map([['Metadata', ',inline'], ...metadataFields.map(([field]) => [field, '-'] as const)]),
}
const maintainerType = structType('chart.Maintainer', maintainerFields)
const dependencyType = structType('chart.Dependency', dependencyFields)
const maintainerList: GoType = { name: '[]*chart.Maintainer' }
const dependencyList: GoType = { name: '[]*chart.Dependency' }

function structType(name: string, keys: readonly string[]): GoType {
  return { name, jsonNames: new Map(keys.map((key) => [fieldName(key), `${key},omitempty`])) }
}

/** `import-values` is the field ImportValues, `url` is URL. */
function fieldName(key: string): string {
  if (key === 'url') return 'URL'
  return key.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** The value of `.Chart`; traced fields know their place in Chart.yaml. */
export function chartObject(loaded: LoadedChart, helm: 3 | 4, traced: boolean): GoStruct | GoMap {
  const { metadata, address } = loaded.chart
  const file = `${address}Chart.yaml`
  const text = (value: string, ...path: (string | number)[]): Text =>
    traced ? textFrom(value, { kind: 'field', file, path }) : value
  const fields = metadataFields.map(([field, key]): [string, Value] => {
    const value = key === 'name' ? loaded.name : metadata[key]
    if (typeof value === 'string') return [field, text(value, key)]
    return [field, typeof value === 'boolean' ? value : listOrMap(loaded, metadata, key, helm, text)]
  })
  const isRoot: [string, Value] = ['IsRoot', loaded.parent === undefined]
  if (helm === 4) return new GoMap([...fields, isRoot])
  return new GoStruct(chartType, [['Metadata', new GoStruct(metadataType, fields)], isRoot, ...fields])
}

function listOrMap(
  loaded: LoadedChart,
  metadata: ChartMetadata,
  key: (typeof metadataFields)[number][1],
  helm: 3 | 4,
  text: (value: string, ...path: (string | number)[]) => Text,
): Value {
  const item = (type: GoType, fields: readonly (readonly [string, Value])[]): Value =>
    helm === 3 ? new GoStruct(type, fields, { isPointer: true }) : new GoMap(fields)
  switch (key) {
    case 'annotations': {
      const entries = Object.entries(metadata.annotations).map(
        ([name, value]) => [name, text(value, key, name)] as const,
      )
      return new GoMap(entries, goTypes.stringMap, entries.length === 0)
    }
    case 'sources':
    case 'keywords':
      return new GoList(
        metadata[key].map((value, index) => text(value, key, index)),
        goTypes.stringList,
      )
    case 'maintainers':
      return new GoList(
        metadata.maintainers.map((maintainer, index) =>
          item(
            maintainerType,
            maintainerFields.map((name) => [fieldName(name), text(maintainer[name], key, index, name)]),
          ),
        ),
        helm === 3 ? maintainerList : goTypes.anyList,
      )
    default:
      return new GoList(
        (loaded.requirements ?? []).map((wanted) =>
          item(dependencyType, [
            ['Name', wanted.name],
            ['Version', wanted.version],
            ['Repository', wanted.repository],
            ['Condition', wanted.condition],
            ['Tags', new GoList(wanted.tags, goTypes.stringList)],
            ['Enabled', wanted.enabled],
            ['ImportValues', new GoList([])],
            ['Alias', wanted.alias],
          ]),
        ),
        helm === 3 ? dependencyList : goTypes.anyList,
      )
  }
}
