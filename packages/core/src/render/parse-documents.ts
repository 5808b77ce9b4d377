// Reads the YAML of a rendered document.
import { isChartferryError } from '../errors.ts'
import { parseYaml } from '../yaml/parse.ts'
import type { RenderedDocument } from './chart-renderer.ts'

/** The values of all YAML documents in the text (a CRD file may have several), or undefined where one is not YAML. */
export function parseDocuments(document: RenderedDocument): readonly unknown[] | undefined {
  try {
    return document.text
      .split(/^---(?:\s.*)?$/m)
      .filter((text) => text.trim() !== '')
      .map((text) => parseYaml(text, { where: document.source }))
  } catch (error) {
    if (isChartferryError(error, 'YAML_INVALID', 'YAML_TOO_COMPLEX', 'DEPTH_EXCEEDED')) return undefined
    throw error
  }
}
