// Expressions of templates, each of which real helm has answered: every function with every kind of argument, and what bites.
import { readFileSync } from 'node:fs'

/** The lines of a list: one probe, or one text for probes, a line. */
function lines(name: string): string[] {
  const text = readFileSync(new URL(`probes/${name}.txt`, import.meta.url), 'utf8')
  return text.split('\n').filter((line) => line !== '')
}

/** A text of a list as a literal of a template; its escapes are Go's already. */
const literal = (text: string): string =>
  `"${text.replaceAll(/(?<!\\)(?:\\\\)*"/g, (quote) => quote.replace('"', '\\"'))}"`

const formats = ['toYaml', 'toJson', 'toPrettyJson', 'toRawJson', 'toYamlPretty', 'toToml']

const unary =
  `quote squote toString cat trim upper lower title untitle nospace initials swapcase snakecase camelcase kebabcase
  b64enc b64dec b32enc b32dec sha1sum sha256sum sha512sum adler32sum toStrings sortAlpha list tuple
  int int64 float64 atoi toDecimal add1 add mul max min maxf minf addf add1f ceil floor until seq
  empty default coalesce all any first last rest initial reverse compact uniq mustFirst mustLast mustRest mustUniq
  keys values deepCopy typeOf kindOf toYaml toJson toPrettyJson toRawJson toYamlPretty toToml mustToJson
  fromYaml fromYamlArray fromJson fromJsonArray fromToml mustFromJson base dir clean ext isAbs regexQuoteMeta urlParse urlJoin
  duration durationRound unixEpoch len not print println html js urlquery semver hello concat chunk`.split(/\s+/)
const unaryArguments =
  `.Values.s .Values.i .Values.f .Values.t .Values.nil .Values.l .Values.m .Values.missing "" "12" 12`.split(' ')

const binary = `hasKey get unset pluck pick omit has without append prepend push join split splitList contains hasPrefix
  hasSuffix trimAll trimSuffix trimPrefix trunc repeat indent nindent wrap abbrev date htmlDateInZone dig merge
  sub div mod divf subf mulf typeIs kindIs deepEqual regexMatch regexFind semverCompare ternary index slice eq ne lt le gt ge and or`.split(
  /\s+/,
)
const binaryArguments: readonly (readonly [string, string])[] = [
  ['"a"', '.Values.s'],
  ['"a"', '.Values.m'],
  ['.Values.m', '"a"'],
  ['.Values.l', '1'],
  ['.Values.ls', '"a"'],
  ['2', '"abcdef"'],
  ['2', '.Values.i'],
  ['.Values.i', '2'],
  ['.Values.missing', '"a"'],
  ['"a"', '.Values.missing'],
  ['.Values.m', '.Values.me'],
  ['.Values.f', '.Values.i'],
]

/** All probes: the text between the braces of an action. */
export const probes: readonly string[] = [
  ...new Set([
    ...unary.flatMap((name) => unaryArguments.map((argument) => `${name} ${argument}`)),
    ...binary.flatMap((name) => binaryArguments.map((pair) => `${name} ${pair.join(' ')}`)),
    ...lines('text'),
    ...lines('collections'),
    ...lines('yaml').flatMap((text) =>
      ['fromYaml', 'fromYamlArray'].map((name) => `${name} ${literal(text)} | toJson`),
    ),
    ...lines('json').flatMap((text) =>
      ['fromJson', 'fromJsonArray', 'mustFromJson'].map((name) => `${name} \`${text}\` | toJson`),
    ),
    ...lines('toml').map((text) => `fromToml ${literal(text)} | toJson`),
    ...lines('values').flatMap((value) => formats.map((name) => `${name} ${value}`)),
  ]),
].filter((probe) => !/^(?:keys|values) \.Values\.m$|^(?:keys|values) \.Values\.m \|/.test(probe))
