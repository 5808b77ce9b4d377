// Values files as each major of Helm reads them.
import { GoMap } from '../../template/value.ts'
import { readYamlMap } from '../../yaml/go/read.ts'
import type { HelmMajor } from '../chart-renderer.ts'
import { overlay } from './tables.ts'

/** A line that ends a document, as `yaml.NewYAMLReader` of Kubernetes knows it: nothing but space may follow. */
const separator = /^---[ \t]*\r?$/m

/**
 * The table of a values file. Helm 3 reads its first document alone; Helm 4 merges all of them, the later one wins
 * (its pkg/chart/common/util and pkg/cli/values, `LoadValues`). Throws GoError in Go's words.
 */
export function readValues(text: string, helm: HelmMajor): GoMap {
  if (helm === 3 || !separator.test(text)) return readYamlMap(text)
  return text
    .split(separator)
    .filter((document) => document.trim() !== '')
    .map((document) => readYamlMap(document))
    .reduce((merged, next) => overlay(merged, next), new GoMap())
}

/** Whether the majors of Helm read different values from a text: more than one of its documents says something. */
export const hasSeveralDocuments = (text: string): boolean =>
  text.split(separator).filter((document) => /^[ \t]*[^\s#]/m.test(document)).length > 1
