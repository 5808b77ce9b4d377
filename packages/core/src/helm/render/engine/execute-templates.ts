// All template files of a chart, parsed and executed in one set, as Helm's engine does it.
import { ChartferryError } from '../../../errors.ts'
import { ensure } from '../../template/allowance.ts'
import { execute } from '../../template/execute.ts'
import { type ParsedTemplates, parseTemplate } from '../../template/parser.ts'
import { quoted } from '../../template/quote.ts'
import { type Condition, ExecutionError, type Run } from '../../template/state.ts'
import { createTemplateSet, sourceText, type Template, type TemplateSet } from '../../template/template-set.ts'
import { bare, replace, textFrom } from '../../template/text.ts'
import { ParseError } from '../../template/token-stream.ts'
import {
  type CallContext,
  GoError,
  type GoFunction,
  GoMap,
  type Text,
  TracedText,
  type Value,
} from '../../template/value.ts'
import { asValues } from '../values/values-object.ts'
import { cleanExecutionError, cleanParseError } from './execution-error.ts'
import { functionsOf } from './functions.ts'
import { parseOnce } from './parsed-files.ts'
import { isPartial, type TemplateFile } from './template-files.ts'

/** Bounds and circumstances of an execution. */
export interface ExecuteOptions {
  readonly helm: 3 | 4
  readonly traced: boolean
  /** Under `helm lint`, `fail` and `required` do not fail. Default: false. */
  readonly lint?: boolean
  /** Whether what fails is left out. Default: false. */
  readonly lenient?: boolean
  /** UTF-16 units of all output, intermediate texts counted. */
  readonly outputUnits: number
  /** Milliseconds since 1970. */
  readonly deadline: number
  readonly now: () => Date
  /** Parsed templates of earlier renderings of the same chart; filled here. */
  readonly parsed: Map<string, ParsedTemplates>
}

/** What the files printed, by path, and what decided it. */
export interface Executed {
  readonly texts: ReadonlyMap<string, Text>
  readonly conditions: readonly Condition[]
  /** Whether another rendering may print something else. */
  readonly volatile: boolean
}

// Helm's own bound on includes of one name inside each other.
const maxNestedIncludes = 1000
// Templates inside templates of any name; Node's own stack ends somewhat later.
const maxDepth = 2000
const noValue = '<no value>'

/**
 * Parses all files, then executes those that are no partials.
 * Throws RENDER_FAILED with Helm's message, or the bound that was met: OUTPUT_TOO_LARGE, DEPTH_EXCEEDED, RENDER_TIMEOUT.
 */
export function executeTemplates(files: readonly TemplateFile[], options: ExecuteOptions): Executed {
  const functions = functionsOf(options.helm)
  const templates = createTemplateSet()
  for (const file of files) templates.add(parseFile(file, functions, options))
  const conditions: Condition[] = []
  const run: Run = {
    functions,
    bounds: {
      outputLeft: options.outputUnits,
      deadline: options.deadline,
      statementsToClock: 0,
      depth: 0,
      maxDepth,
    },
    lenient: options.lenient ?? false,
    conditions: options.traced ? conditions : undefined,
    volatile: false,
  }
  const context = contextFor(templates, run, options, new Map())
  const texts = new Map<string, Text>()
  for (const file of files) {
    if (isPartial(file.path)) continue
    const entries = [['Name', file.path] as const, ['BasePath', file.basePath] as const]
    file.data.set('Template', asValues(new GoMap(entries), options.helm))
    texts.set(file.path, executeFile(file, run, templates, context))
  }
  return { texts, conditions, volatile: run.volatile }
}

function parseFile(
  file: TemplateFile,
  functions: ReadonlyMap<string, GoFunction>,
  options: ExecuteOptions,
): ParsedTemplates {
  // An alias renders one file under several paths, and paths are part of errors.
  const key = `${file.path}\n${file.file}`
  const known = options.parsed.get(key)
  if (known !== undefined) return known
  try {
    const parsed = parseOnce(`${options.helm}\n${key}`, file.text, () => {
      return parseTemplate(sourceText(file.path, file.text, { file: file.file }), (name) => functions.has(name))
    })
    options.parsed.set(key, parsed)
    return parsed
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    if (options.lenient === true) return new Map()
    throw new ChartferryError('RENDER_FAILED', cleanParseError(file.path, error.message))
  }
}

function executeFile(file: TemplateFile, run: Run, templates: TemplateSet, context: CallContext): Text {
  const template = templates.lookup(file.path)
  if (template === undefined) throw new ChartferryError('INTERNAL', `${file.path} was not parsed`)
  try {
    // Go prints it for nil whatever the option; Helm takes it out again.
    return replace(execute(template, file.data, run, templates, context), noValue, '')
  } catch (error) {
    if (error instanceof ExecutionError) {
      throw new ChartferryError('RENDER_FAILED', cleanExecutionError(file.path, error, context.helm))
    }
    throw error
  }
}

/** The context of calls in one set: `tpl` makes a set of its own, so that its definitions stay inside. */
function contextFor(
  templates: TemplateSet,
  run: Run,
  options: ExecuteOptions,
  nested: Map<string, number>,
): CallContext {
  const context: CallContext = {
    helm: options.helm,
    lint: (options.lint ?? false) || (options.lenient ?? false),
    traced: options.traced,
    now() {
      run.volatile = true
      return options.now()
    },
    include(name, data) {
      const depth = nested.get(name) ?? 0
      if (depth > maxNestedIncludes) {
        throw new GoError(`rendering template has a nested reference name: ${name}: unable to execute template`)
      }
      const template = templates.lookup(name)
      if (template === undefined) {
        throw new GoError(`template: no template ${bare(quoted(name))} associated with template "gotpl"`)
      }
      nested.set(name, depth + 1)
      try {
        return execute(template, data, run, templates, context)
      } finally {
        nested.set(name, depth)
      }
    },
    tpl: (text, data) => runText(text, data, templates, run, options, nested),
  }
  return context
}

/** Parsed texts of `tpl`; not used in traced renderings, where the same text can come from two leaves. */
const parsedTexts = new Map<string, ParsedTemplates>()
const maxParsedTexts = 2000
const maxParsedLength = 4096
/** What a character of a text may come to once it is parsed. */
const parsedBytes = 128

function runText(
  text: Text,
  data: Value,
  templates: TemplateSet,
  run: Run,
  options: ExecuteOptions,
  nested: Map<string, number>,
): Text {
  const set = templates.extend()
  const parsed = parseText(text, run, options)
  set.add(parsed)
  const template: Template = { name: 'gotpl', body: parsed.get('gotpl') ?? [] }
  try {
    return replace(execute(template, data, run, set, contextFor(set, run, options, nested)), noValue, '')
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new GoError(`error during tpl function execution for ${bare(quoted(text))}: ${error.message}`)
  }
}

function parseText(text: Text, run: Run, options: ExecuteOptions): ParsedTemplates {
  const subject = bare(text)
  // What is parsed takes many times the room of the text.
  ensure(parsedBytes * subject.length)
  const key = `${options.helm}${subject}`
  const known = options.traced ? undefined : parsedTexts.get(key)
  if (known !== undefined) return known
  const traced = text instanceof TracedText ? text : textFrom(subject, { kind: 'literal', file: 'gotpl' })
  try {
    const parsed = parseTemplate(sourceText('gotpl', subject, { traced }), (name) => run.functions.has(name))
    if (!options.traced && subject.length <= maxParsedLength) {
      if (parsedTexts.size >= maxParsedTexts) parsedTexts.clear()
      parsedTexts.set(key, parsed)
    }
    return parsed
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    throw new GoError(`cannot parse template ${bare(quoted(subject))}: ${error.message}`)
  }
}
