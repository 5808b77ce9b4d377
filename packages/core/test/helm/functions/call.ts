// Calls a template function as the executor does, without a template around it.
import { functionTable } from '../../../src/helm/functions/function-table.ts'
import { convert, invoke, parameterAt } from '../../../src/helm/template/function.ts'
import { type CallContext, type Origin, type Text, TracedText, type Value } from '../../../src/helm/template/value.ts'

/** The result of a function of Helm 3, in a rendering that is traced or not. */
export function call(name: string, values: readonly Value[], options: { readonly traced?: boolean } = {}): Value {
  const fn = functionTable(3).get(name)
  if (fn === undefined) throw new Error(`no function ${name}`)
  const context: CallContext = {
    helm: 3,
    lint: false,
    traced: options.traced ?? false,
    now: () => new Date(Date.UTC(2024, 0, 2, 3, 4, 5)),
    include: () => '',
    tpl: () => '',
  }
  const converted = values.map((value, index) => convert(value, parameterAt(fn, index)))
  return invoke(fn, converted, values, context)
}

/** A leaf of a values file. */
export function leaf(...path: string[]): Origin {
  return { kind: 'leaf', file: 'values.yaml', path, text: '' }
}

/** The pieces of a text that have a source, in words: `text<path+offset>`, `text<function>`. */
export function spell(text: Value): string[] {
  if (!(text instanceof TracedText)) return []
  return text.spans.map(({ start, end, origin, offset }) => {
    const name = origin.kind === 'derived' ? origin.name : origin.kind === 'literal' ? 'literal' : origin.path.join('.')
    return `${text.text.slice(start, end)}<${name}${offset === 0 ? '' : `+${offset}`}>`
  })
}

/** A text of one source. */
export function traced(text: string, origin: Origin): Text {
  return new TracedText(text, [{ start: 0, end: text.length, origin, offset: 0 }])
}
