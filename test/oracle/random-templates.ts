// Random templates from a seed: expressions, control structures and slips of the pen.
import { randomFrom } from './random.ts'

const atoms =
  '.name .int .list .map .map.a .map.inner.k .missing .missing.x (.missing).x .nested $ . $.name nil true false 1 0 -3 2.5 "s" "" `r` .zero .empty .null .null.x .map.zz $x $y $x.a .float 1e3 0x1F .emptylist .emptymap .name.x $undefined'.split(
    ' ',
  )
// Without printf's flags and without call and slice, whose words depend on how Go's reflection holds a value.
const functions = 'and or not len index print println html js urlquery eq ne lt le gt ge nope'.split(' ')
const formats = ['"%s"', '"%d %v"', '"%q"', '"%v"', '"%T"', '"%s-%s"']
const slips = ['}', '{', '(', ')', '"', '`', ' ', '|', ':=', '.', '$', '-', '\n', 'é', '\\', '/*', '0']

/** That many templates. */
export function randomTemplates(seed: number, count: number): readonly string[] {
  const random = randomFrom(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const some = (most: number, make: () => string): string =>
    Array.from({ length: Math.floor(random() * (most + 1)) }, make).join(' ')

  const expression = (depth: number): string => {
    const roll = random()
    if (depth <= 0 || roll < 0.5) return pick(atoms)
    if (roll < 0.8) return `(${pipeline(depth - 1)})`
    return roll < 0.9 ? `(${pipeline(depth - 1)}).${pick(['a', 'x', 'inner.k'])}` : pick(functions)
  }
  const command = (depth: number): string => {
    const roll = random()
    if (roll < 0.4) return expression(depth)
    const name = roll < 0.5 ? `printf ${pick(formats)}` : pick(functions)
    return `${name} ${some(3, () => expression(depth - 1))}`
  }
  const pipeline = (depth: number): string =>
    command(depth) + (random() < 0.2 ? ` | ${random() < 0.5 ? pick(functions) : command(depth - 1)}` : '')
  const wrap = (inner: string): string => pick(['{{', '{{ ', '{{- ']) + inner + pick(['}}', ' }}', ' -}}'])
  const body = (depth: number): string =>
    some(2, () => pick(['a', ' ', '\n', '']) + action(depth)) + pick(['', 'z', '\n '])
  const otherwise = (depth: number): string => (random() < 0.4 ? wrap('else') + body(depth) : '')
  const action = (depth: number): string => {
    const roll = random()
    if (depth <= 0 || roll < 0.45) return wrap(pipeline(2))
    if (roll < 0.55) return wrap(pick(['$x', '$y', '$z']) + pick([' := ', ' = ']) + pipeline(1))
    if (roll < 0.7) return wrap(`if ${pipeline(1)}`) + body(depth - 1) + otherwise(depth - 1) + wrap('end')
    if (roll < 0.8) return wrap(`with ${pick(['', '$x := '])}${pipeline(1)}`) + body(depth - 1) + wrap('end')
    if (roll < 0.93) {
      const over = random() < 0.7 ? pick(['.list', '.map', '.nested', '.keys', '3', '.missing']) : pipeline(1)
      const head = `range ${pick(['', '$x := ', '$x, $y := ', '$y = '])}${over}`
      return wrap(head) + body(depth - 1) + otherwise(depth - 1) + wrap('end')
    }
    if (roll < 0.96) return wrap(pick(['break', 'continue']))
    return wrap('define "d"') + wrap(pipeline(1)) + wrap('end') + wrap(`template "d" ${expression(1)}`)
  }
  const slip = (text: string): string => {
    const at = Math.floor(random() * (text.length + 1))
    return text.slice(0, at) + pick(slips) + text.slice(at + Math.floor(random() * 3))
  }
  return Array.from({ length: count }, () => {
    const text = `${random() < 0.8 ? '{{ $x := .map }}{{ $y := 1 }}' : ''}${body(2)}${action(2)}`
    return random() < 0.2 ? slip(text) : text
  })
}
