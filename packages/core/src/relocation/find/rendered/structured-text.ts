// YAML and JSON inside texts, where the parts of an image stand beside each other.
import { isChartferryError } from '../../../errors.ts'
import { bare } from '../../../helm/template/text.ts'
import { GoError, GoList, GoMap, type Text, type Value } from '../../../helm/template/value.ts'
import { readYaml } from '../../../helm/yaml/go/read.ts'

/** Texts longer than this are read word by word, in UTF-16 units: parts of one image stand close together. */
const mostLength = 1 << 20

/** A name of an image and a version or a registry under keys of their own: what reading word by word cannot join. */
const namePart = /(?:image|repository|\bname)["']?[ \t]*:[ \t]*["']?[a-z0-9]/i
const otherPart = /(?:tag|version|registry|repo_?url|digest)["']?[ \t]*:[ \t]*["']?[\w]/i
const image = /image|repository|registry/i

/** The tree of a text that is YAML or JSON and may hold images in parts; undefined for any other text. */
export function readStructure(text: Text): Value {
  const whole = bare(text)
  if (whole.length > mostLength || !isStructured(whole)) return undefined
  try {
    const tree = readYaml(text)
    return tree instanceof GoMap || tree instanceof GoList ? tree : undefined
  } catch (error) {
    if (error instanceof GoError || isChartferryError(error, 'YAML_TOO_COMPLEX', 'DEPTH_EXCEEDED')) return undefined
    throw error
  }
}

function isStructured(text: string): boolean {
  const isJson = /^\s*[{[]/.test(text) && /[}\]]\s*$/.test(text)
  if (!isJson && !text.includes('\n')) return false
  // A second document would not be read.
  if (/^---/m.test(text.trimStart().slice(3))) return false
  return image.test(text) && namePart.test(text) && otherPart.test(text)
}
