// `.Values`, and the data that templates get: maps with methods, Helm's type Values (pkg/chartutil/values.go).
import { defineMethod } from '../../template/function.ts'
import { GoError, type GoFunction, GoMap, type GoType, goTypes } from '../../template/value.ts'
import { toYaml } from '../../yaml/go/write.ts'
import { leafAt, tableAt } from './tables.ts'

function valuesMethods(type: () => GoType): readonly GoFunction[] {
  return [
    defineMethod('AsMap', [], (self: GoMap) => GoMap.over(self, goTypes.anyMap)),
    defineMethod('YAML', [], (self: GoMap) => {
      const text = toYaml(self)
      return text === '' ? '' : `${String(text)}\n`
    }),
    defineMethod('Table', ['string'], (self: GoMap, path) => {
      const table = tableAt(self, path)
      if (table === undefined) throw new GoError(`${JSON.stringify(missingKey(self, path))} is not a table`)
      return GoMap.over(table, type())
    }),
    defineMethod('PathValue', ['string'], (self: GoMap, path) => {
      if (path === '') throw new GoError('YAML path cannot be empty')
      const leaf = leafAt(self, path)
      if (leaf === undefined)
        throw new GoError(`${JSON.stringify(path.slice(path.lastIndexOf('.') + 1))} is not a value`)
      return leaf.value
    }),
  ]
}

/** The first key of a path that is no table. */
function missingKey(values: GoMap, path: string): string {
  const keys = path.split('.')
  return keys.find((_, index) => tableAt(values, keys.slice(0, index + 1).join('.')) === undefined) ?? path
}

function valuesType(name: string): GoType {
  const type: GoType = {
    name,
    underlying: goTypes.anyMap,
    methods: new Map(valuesMethods(() => type).map((method) => [method.name, method])),
  }
  return type
}

const types: Readonly<Record<3 | 4, GoType>> = { 3: valuesType('chartutil.Values'), 4: valuesType('common.Values') }

/** The same map with Helm's type and its methods. */
export function asValues(map: GoMap, helm: 3 | 4): GoMap {
  return GoMap.over(map, types[helm])
}
