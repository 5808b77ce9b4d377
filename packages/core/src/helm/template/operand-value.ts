// Literals of a template as values: of the type that a parameter asks for, or of their own.
import { parameterTypeNames } from './function.ts'
import { describe, type Operand, type StringNode } from './node.ts'
import { fail, type State } from './state.ts'
import { slice } from './text.ts'
import { Int, int, type ParameterType, TracedText, type Value } from './value.ts'

/** The value of a literal or of dot where any type will do. */
export function constant(state: State, dot: Value, node: Operand): Value {
  switch (node.type) {
    case 'dot':
      return dot
    case 'bool':
      return node.value
    case 'string':
      return stringConstant(state, node)
    case 'number':
      return node.constant ?? fail(state, `${node.text} overflows int`)
    default:
      return fail(state, `can't evaluate command ${JSON.stringify(describe(node))}`)
  }
}

function stringConstant(state: State, node: StringNode): Value {
  if (!state.context.traced) return node.text
  const start = node.start + 1
  const written = slice(node.source.traced, start, start + node.spelling.length - 2)
  if (String(written) === node.text) return written
  // With escapes the spelling is longer: the place of the first character stands for all.
  const first = written instanceof TracedText ? written.spans[0] : undefined
  return first === undefined ? node.text : new TracedText(node.text, [{ ...first, start: 0, end: node.text.length }])
}

/** A literal as the argument of a parameter. Throws ExecutionError `expected string; found 3`. */
export function literalOf(state: State, dot: Value, node: Operand, type: ParameterType): Value {
  switch (type) {
    case 'any':
    case 'value':
      return constant(state, dot, node)
    case 'text':
    case 'string':
      return node.type === 'string' ? stringConstant(state, node) : expected(state, 'string', node)
    case 'bool':
      return node.type === 'bool' ? node.value : expected(state, 'bool', node)
    case 'float64':
      return node.type === 'number' ? node.float : expected(state, 'float', node)
    case 'int':
    case 'int64':
    case 'uint32':
      if (node.type === 'number' && node.int !== undefined)
        return type === 'int' ? int(node.int) : new Int(node.int, type)
      return expected(state, type === 'uint32' ? 'unsigned integer' : 'integer', node)
    default:
      return fail(state, `can't handle ${describe(node)} for arg of type ${parameterTypeNames[type]}`)
  }
}

function expected(state: State, what: string, node: Operand): never {
  return fail(state, `expected ${what}; found ${describe(node)}`)
}
