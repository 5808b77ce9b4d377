// What an untagged scalar means to Helm: YAML 1.1 as sigs.k8s.io/yaml reads it (go.yaml.in/yaml v2, resolve.go), not 1.2.
// yes, no, on, off, y and n are booleans, 0755 is octal, 1_000 is 1000; 12:30 and dates stay strings.
import {
  binaryTag,
  boolYaml11Tag,
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  Schema,
  seqTag,
  strTag,
} from 'js-yaml'

const integer = /^[-+]?(?:0|[1-9][0-9]*|0[0-7]+|0o[0-7]+|0x[0-9a-f]+|0b[01]+)$/i
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const specialFloats: ReadonlyMap<string, number> = new Map(
  ['.inf', '.Inf', '.INF'].flatMap((text) => [
    [text, Infinity] as const,
    [`+${text}`, Infinity] as const,
    [`-${text}`, -Infinity] as const,
  ]),
)
const notNumbers = new Set(['.nan', '.NaN', '.NAN'])
const smallestInteger = -(2n ** 63n)
const largestInteger = 2n ** 64n - 1n

/** The integer that Go's strconv.ParseInt and ParseUint with base 0 make of a text without `_`. */
function integerOf(text: string): bigint | undefined {
  if (!integer.test(text)) return undefined
  const digits = text.replace(/^[-+]/, '')
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits)
  const signed = text.startsWith('-') ? -value : value
  return signed >= smallestInteger && signed <= largestInteger ? signed : undefined
}

function floatOf(source: string, text: string): number | undefined {
  if (notNumbers.has(source)) return Number.NaN
  const value = specialFloats.get(source) ?? (float.test(text) ? Number(text) : undefined)
  return value !== undefined && (Number.isFinite(value) || specialFloats.has(source)) ? value : undefined
}

function numberOf(source: string): bigint | number | undefined {
  // Only what begins as a number may hold `_`; `._1` is a string.
  const text = /^[-+0-9]/.test(source) ? source.replaceAll('_', '') : source
  return integerOf(text) ?? floatOf(source, text)
}

/** A float as Go's strconv.FormatFloat(value, 'g', -1, 32) writes it. */
function floatText(value: number): string {
  const single = Math.fround(value)
  if (!Number.isFinite(single)) return Number.isNaN(single) ? 'NaN' : single > 0 ? '+Inf' : '-Inf'
  let digits = 1
  while (digits < 9 && Math.fround(Number(single.toPrecision(digits))) !== single) digits += 1
  const [mantissa = '', exponent = ''] = single.toExponential(digits - 1).split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(Number(single.toPrecision(digits)))
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

function schemaWith(convert: (value: bigint | number) => unknown): Schema {
  const number = (kind: 'int' | 'float'): ReturnType<typeof defineScalarTag> =>
    defineScalarTag(`tag:yaml.org,2002:${kind}`, {
      implicit: true,
      implicitFirstChars: ['-', '+', '.', ...'0123456789'],
      resolve: (source, isExplicit) => {
        const value = numberOf(source)
        if (value === undefined) return NOT_RESOLVED
        if (kind === 'int') return typeof value === 'bigint' ? convert(value) : NOT_RESOLVED
        return typeof value === 'number' || isExplicit ? convert(value) : NOT_RESOLVED
      },
      identify: () => false,
    })
  return new Schema([
    strTag,
    nullYaml11Tag,
    boolYaml11Tag,
    number('int'),
    number('float'),
    mergeTag,
    seqTag,
    mapTag,
    // Go decodes !!binary to a string and lets every unknown tag pass.
    { ...binaryTag, resolve: (source: string) => Buffer.from(source, 'base64').toString('utf8') },
    defineScalarTag('', { matchByTagPrefix: true, resolve: (source) => source, identify: () => false }),
    defineSequenceTag('', { ...seqTag, matchByTagPrefix: true, identify: () => false }),
    defineMappingTag('', { ...mapTag, matchByTagPrefix: true, identify: () => false }),
  ])
}

/** Scalars as Helm reads values: numbers are numbers. */
export const valuesSchema: Schema = schemaWith(Number)

/** Scalars as Helm reads Chart.yaml, whose fields are text: a number is the text that Go prints for it, so `1.10` is `1.1`. */
export const textSchema: Schema = schemaWith((value) => (typeof value === 'bigint' ? String(value) : floatText(value)))

/** What an untagged plain scalar is in a values file: a string, a number, a boolean or null. */
export function resolvePlain(source: string): unknown {
  for (const tag of valuesSchema.tags) {
    if (tag.nodeKind !== 'scalar' || !tag.implicit) continue
    const value: unknown = tag.resolve(source, false, tag.tagName)
    if (value !== NOT_RESOLVED) return value
  }
  return source
}
