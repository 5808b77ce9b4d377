// A list of assets in the form that was asked for.
import { type AssetList, formatAssetTable, formatAssetYaml } from '@chartferry/core/transfer'
import { printable } from './printable.ts'

/** The list without a line break at its end. */
export function formatAssets(
  list: AssetList,
  { output, json }: { readonly output: 'table' | 'yaml' | 'json'; readonly json?: boolean },
): string {
  if (json === true || output === 'json') return JSON.stringify(list, null, 2)
  return output === 'yaml' ? formatAssetYaml(list) : printable(formatAssetTable(list))
}
