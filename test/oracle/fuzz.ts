// Random texts, numbers, versions and expressions, the same in each run, and a chart that hashes what functions make of them.
import { readFileSync } from 'node:fs'
import type { ChartSpec } from '../kit/charts.ts'

/** A generator of numbers below a bound; the same seed gives the same numbers. */
type Random = (bound: number) => number

function randomFrom(seed: number): Random {
  let state = seed
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)] as T
const join = (random: Random, most: number, make: () => string): string =>
  Array.from({ length: 1 + random(most) }, make).join('')

/** What texts are made of: words, and what means something to YAML. */
const atoms = JSON.parse(readFileSync(new URL('probes/atoms.json', import.meta.url), 'utf8')) as readonly string[]

function text(random: Random): string {
  return join(random, random(4) === 0 ? 14 : 6, () => pick(random, atoms))
}

function number(random: Random): string {
  const digits = (): string =>
    pick(random, ['0', '1', '7', '9', '12', '08', '017', '1_0', '999', '000', '123456789012', ''])
  const sign = pick(random, ['', '', '', '-', '+', ' '])
  const prefix = pick(random, ['', '', '', '', '0x', '0b', '0o', '.', '0'])
  const rest = pick(random, [
    '',
    '',
    '.',
    `.${digits()}`,
    `e${digits()}`,
    `.${digits()}e-${digits()}`,
    '.0',
    '.00',
    ':30',
    'a',
    'p3',
    '_',
  ])
  return sign + prefix + digits() + rest
}

function version(random: Random, partial: boolean): string {
  const part = (): string => String(random(4))
  const length = partial ? random(4) : 3
  const numbers = Array.from({ length: Math.max(1, length) }, part)
  if (partial && random(5) === 0) numbers[random(numbers.length)] = pick(random, ['x', '*', 'X'])
  const stage = pick(random, ['', '', '', '-0', '-rc.1', '-beta', '-alpha.2', '-rc.1.x', '-gke.100'])
  return pick(random, ['', '', 'v']) + numbers.join('.') + stage + pick(random, ['', '', '', '+build.1'])
}

function constraint(random: Random): string {
  const one = (): string => {
    const operator = pick(random, ['', '=', '!=', '>', '<', '>=', '=>', '<=', '=<', '~', '~>', '^'])
    return operator + pick(random, ['', '', ' ']) + version(random, true)
  }
  const group = (): string => Array.from({ length: 1 + random(2) }, one).join(pick(random, [', ', ',', ' ']))
  if (random(9) === 0) return `${version(random, true)} - ${version(random, true)}`
  return Array.from({ length: 1 + random(2) }, group).join(pick(random, [' || ', '||']))
}

const regexLetters = [...Array.from('aabbxé .1A\n'), 'ab', 'abc']

function expression(random: Random, depth = 0): string {
  const single = [
    'a',
    'b',
    'x',
    '.',
    '\\d',
    '\\w',
    '\\s',
    '[a-c]',
    '[^a]',
    '\\.',
    '[[:alpha:]]',
    '^',
    '$',
    '\\b',
    'é',
    ' ',
  ]
  const atom = (): string => {
    const choice = random(depth > 2 ? 6 : 9)
    if (choice < 6) return pick(random, single)
    const inner = expression(random, depth + 1)
    return choice === 6
      ? `(${inner})`
      : choice === 7
        ? `(?:${inner}|${expression(random, depth + 1)})`
        : `(?i:${inner})`
  }
  const repeated = (): string =>
    atom() + pick(random, ['', '', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,2}?'])
  return join(random, 3, repeated) + (random(6) === 0 ? `|${pick(random, single)}` : '')
}

function format(random: Random): string {
  const flags = (): string => pick(random, ['', '', '', '-', '0', '+', ' ', '#', '-0', '+0', '# '])
  const width = (): string => pick(random, ['', '', '', '1', '5', '12', '*', '[1]*'])
  const precision = (): string => pick(random, ['', '', '', '.0', '.2', '.', '.7', '.*'])
  const verb = (): string => pick(random, Array.from('vvsdqxXtTgGeEfFbocUz%!'))
  const index = (): string => pick(random, ['', '', '', '', '', '[2]', '[9]', '[x]'])
  return join(
    random,
    4,
    () => `${pick(random, ['a', ' ', '%%', '|'])}%${flags()}${width()}${precision()}${index()}${verb()}`,
  )
}

const jsonAtoms = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"a"',
  '"b\\n"',
  '"\\u00e9"',
  '"\\ud83d\\ude00"',
  '"\\q"',
  '"',
  '1',
  '-',
  '0',
  '1.5',
  'e',
  '.',
]
const jsonMore = [
  'true',
  'fals',
  'null',
  ' ',
  '\n',
  '{"a": [1, {"b": "c"}]}',
  '[1, 2]',
  '"é😀"',
  '\u0001',
  '+1',
  "'x'",
  '<&>',
  '01',
  '1e400',
  '\\',
]

function jsonText(random: Random): string {
  const value = (depth: number): string => {
    const kind = random(depth > 3 ? 3 : 5)
    if (kind < 3) return pick(random, [...jsonAtoms.slice(6, 10), '1', '-2.5e3', 'true', 'null', '"é<"'])
    const parts = Array.from({ length: random(4) }, () =>
      kind === 3 ? value(depth + 1) : `"k${random(3)}": ${value(depth + 1)}`,
    )
    return kind === 3 ? `[${parts.join(', ')}]` : `{${parts.join(',')}}`
  }
  const whole = value(0)
  const at = random(whole.length + 1)
  const change = random(3)
  if (change === 0) return whole
  const inserted = pick(random, [...jsonAtoms, ...jsonMore])
  return whole.slice(0, at) + (change === 1 ? inserted + whole.slice(at) : whole.slice(at + 1))
}

const layoutAtoms =
  'Jan January 01 1 _2 02 2 __2 002 Mon Monday 03 3 15 04 4 05 5 PM pm 2006 06 MST -0700 -07:00 -07 Z07:00 Z0700 .000 ,00 .999'.split(
    ' ',
  )

const layout = (random: Random): string =>
  join(random, 5, () => pick(random, layoutAtoms) + pick(random, [' ', '-', ':', '/', '', 'x', 'T']))

const tomlLines = [
  'a = 1',
  'b = "x"',
  "c = 'y'",
  'd = [1, 2]',
  'e = {f = 1}',
  '[t]',
  '[t.u]',
  '[[p]]',
  '[[p.q]]',
  'g.h = true',
  '# c',
  '"k 1" = 1.5',
  'i = 0x1F',
  'j = 1_000',
  'k = 2024-01-02',
  'l = """x\\\n  y"""',
  'm = inf',
  'n = -0',
]

function tomlText(random: Random): string {
  const whole = Array.from({ length: 1 + random(5) }, () => pick(random, tomlLines)).join('\n')
  const at = random(whole.length + 1)
  const inserted = pick(random, ['\n', '=', '.', '"', '[', ']', ' ', '#', '{', '}', ',', '1', '_', 'é', '\t', "'"])
  const change = random(4)
  if (change < 2) return whole
  return whole.slice(0, at) + (change === 2 ? inserted + whole.slice(at) : whole.slice(at + 1))
}

/** A set of cases: how many, what each is, and the template that is run on it. */
interface FuzzSet {
  readonly count: number
  readonly make: (random: Random) => string | readonly string[]
  readonly template: string
}

const sets: Readonly<Record<string, FuzzSet>> = {
  toyaml: {
    count: 1500,
    make: text,
    template: '{{ toYaml (dict "k" . "l" (list . (dict "x" .)) . 1) }}{{ toYaml . }}',
  },
  text: {
    count: 800,
    make: text,
    template:
      '{{ quote . }}{{ squote . }}{{ toJson . }}{{ toRawJson . }}{{ printf "%q|%x|%8s|%-8.3s|%+q" . . . . . }}{{ snakecase . }}|{{ camelcase . }}|{{ title . }}|{{ wrap 8 . }}|{{ indent 2 . }}|{{ trimAll " a" . }}|{{ html . }}|{{ js . }}|{{ urlquery . }}|{{ toYamlPretty (list .) }}|{{ toToml (dict "k" .) }}',
  },
  fromyaml: {
    count: 1500,
    make: text,
    template: '{{ fromYaml . | toJson }}{{ fromYamlArray . | toJson }}{{ fromJson . | toJson }}',
  },
  number: {
    count: 800,
    make: number,
    template:
      '{{ int . }}|{{ int64 . }}|{{ float64 . }}|{{ atoi . }}|{{ toDecimal . }}|{{ add . 1 }}|{{ mulf . 3 }}|{{ ceil . }}|{{ round . 2 }}|{{ printf "%5.2f|%e|%g|%v" (float64 .) (float64 .) (float64 .) (float64 .) }}|{{ toYaml (list . (float64 .)) }}|{{ fromYaml (printf "k: %s" .) | toJson }}',
  },
  semver: {
    count: 1000,
    make: (random) => [constraint(random), version(random, false)],
    template: '{{ semverCompare (index . 0) (index . 1) }}{{ (semver (index . 1)).Minor }}{{ semver (index . 1) }}',
  },
  regex: {
    count: 1000,
    make: (random) => [expression(random), join(random, 8, () => pick(random, regexLetters))],
    template:
      '{{ $r := index . 0 }}{{ $s := index . 1 }}{{ regexMatch $r $s }}|{{ regexFind $r $s }}|{{ regexFindAll $r $s -1 | toJson }}|{{ regexReplaceAll $r $s (printf "<$1$%s>" "{0}") }}|{{ regexReplaceAllLiteral $r $s "-" }}|{{ regexSplit $r $s -1 | toJson }}',
  },
  printf: {
    count: 1000,
    make: (random) => [format(random), text(random), number(random)],
    template:
      '{{ $f := index . 0 }}{{ $s := index . 1 }}{{ $n := index . 2 }}{{ printf $f $s }}|{{ printf $f (int $n) $s }}|{{ printf $f (float64 $n) 7 }}|{{ printf $f true nil }}|{{ printf $f (list 1 $s nil 2.5) (dict "k" $s) }}|{{ printf $f }}',
  },
  json: {
    count: 800,
    make: jsonText,
    template: '{{ fromJson . | toJson }}|{{ fromJsonArray . | toPrettyJson }}|{{ fromYaml . | toJson }}',
  },
  toml: { count: 600, make: tomlText, template: '{{ fromToml . | toJson }}|{{ fromToml . | toToml }}' },
  date: {
    count: 600,
    make: (random) => [layout(random), String(random(2 ** 31)), layout(random)],
    template:
      '{{ $l := index . 0 }}{{ $t := int64 (index . 1) }}{{ $d := dateInZone $l $t "UTC" }}{{ $d }}|{{ toDate $l $d }}|{{ toDate (index . 2) $d }}|{{ dateInZone $l $t "America/New_York" }}|{{ toDate $l $d | date "2006-01-02T15:04:05Z07:00" }}',
  },
}

/** The names of the sets. */
export const fuzzSets: readonly string[] = Object.keys(sets)

/** The cases of a set. */
export function fuzzCases(name: string): (string | readonly string[])[] {
  const set = sets[name] as FuzzSet
  const random = randomFrom(fuzzSets.indexOf(name) + 1)
  return Array.from({ length: set.count }, () => set.make(random))
}

/** A text in double quotes of YAML, which are not quite those of JSON. */
function spell(text: string): string {
  const escaped = Array.from(text, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`
    if (/^[ -~]$/.test(character)) return character
    return `\\U${(character.codePointAt(0) as number).toString(16).padStart(8, '0')}`
  })
  return `"${escaped.join('')}"`
}

/** A chart that prints a hash for each case of a set: eight digits of what the template makes of it. */
export function fuzzChart(name: string): ChartSpec {
  const set = sets[name] as FuzzSet
  const cases = fuzzCases(name).map(
    (one) => `- ${typeof one === 'string' ? spell(one) : `[${one.map(spell).join(', ')}]`}\n`,
  )
  const lines = '{{ range .Values.cases }}{{ include "fuzz" . | sha256sum | trunc 8 }}{{ end }}'
  return {
    name: 'fuzz',
    values: `cases:\n${cases.join('')}`,
    templates: { 'fuzz.yaml': `{{ define "fuzz" }}${set.template}{{ end }}hashes: "${lines}"\n` },
  }
}

/** The hashes in what helm prints. */
export function readHashes(output: string): string {
  return /hashes: "([0-9a-f]*)"/.exec(output)?.[1] ?? ''
}
