// Rules: which images go elsewhere than to the target, keep their place, or may not be used.
import { ChartferryError } from '../../errors.ts'
import { parseYaml } from '../../helm/yaml/parse.ts'
import { type Naming, namingOf, place, type TargetMode, targetModes } from '../../reference/naming.ts'
import { canonicalReference, formatReference, type ImageReference, parseReference } from '../../reference/reference.ts'
import { isAtTarget, parseTarget, type Target } from '../../reference/target.ts'

/** What happens to images whose canonical name, `host/path`, matches. */
export interface Rule {
  /** A name, in which `*` stands for any characters but `/`, and `**` for any. */
  readonly match: string
  readonly action:
    | { readonly kind: 'keep' }
    | { readonly kind: 'deny'; readonly reason: string }
    | { readonly kind: 'to'; readonly target: Target; readonly mode: TargetMode }
    | { readonly kind: 'name'; readonly name: ImageReference }
}

const keys = new Set(['match', 'keep', 'deny', 'to', 'mode', 'name'])

/**
 * Reads a rules file: a list below `rules`, each with `match` and one of `keep: true`, `deny: REASON`, `to: TARGET`
 * (with `mode`) and `name: HOST/PATH`. Throws RULE_INVALID with all faults, YAML_INVALID.
 */
export function parseRules(text: string, where: string): readonly Rule[] {
  const content = parseYaml(text, { where })
  const list = isMap(content) ? content.rules : undefined
  if (!Array.isArray(list)) throw new ChartferryError('RULE_INVALID', `${where}: there is no list \`rules\``)
  const faults: string[] = []
  const rules = list.flatMap((entry: unknown, index): readonly Rule[] => {
    try {
      return [parseRule(entry)]
    } catch (error) {
      faults.push(`rule ${index + 1}: ${error instanceof Error ? error.message : String(error)}`)
      return []
    }
  })
  if (faults.length > 0) throw new ChartferryError('RULE_INVALID', `${where}: ${faults.join('\n')}`)
  return rules
}

/** Reads one rule. Throws an error that says what is wrong with it. */
export function parseRule(entry: unknown): Rule {
  if (!isMap(entry)) throw new Error('is no map')
  const { match, keep, deny, to, mode, name } = entry
  const unknown = Object.keys(entry).filter((key) => !keys.has(key))
  if (unknown.length > 0) throw new Error(`knows no ${unknown.join(', ')}`)
  if (typeof match !== 'string' || match === '') throw new Error('has no `match`')
  const actions: Rule['action'][] = []
  if (keep === true) actions.push({ kind: 'keep' })
  if (typeof deny === 'string') actions.push({ kind: 'deny', reason: deny })
  if (typeof to === 'string') actions.push({ kind: 'to', target: parseTarget(to), mode: parseMode(mode) })
  if (typeof name === 'string') actions.push({ kind: 'name', name: parseReference(name) })
  const [action] = actions
  if (action === undefined || actions.length > 1) throw new Error('needs one of `keep`, `deny`, `to` and `name`')
  return { match, action }
}

/** Reads a mode. Throws RULE_INVALID. */
export function parseMode(value: unknown): TargetMode {
  const mode = targetModes.find((known) => known === (value ?? 'path'))
  if (mode !== undefined) return mode
  throw new ChartferryError('RULE_INVALID', `${JSON.stringify(value)} is no mode; there are ${targetModes.join(', ')}`)
}

/** The names that rules give, the first that matches deciding; what none matches gets its name from `otherwise`. */
export function namingByRules(rules: readonly Rule[], otherwise: Naming): Naming {
  const compiled = rules.map((rule) => ({ ...rule, expression: toExpression(rule.match) }))
  return {
    target: otherwise.target,
    rename(reference) {
      const { host, path } = canonicalReference(reference)
      const rule = compiled.find(({ expression }) => expression.test(`${host}/${path}`))
      if (rule === undefined)
        return rules.some(({ action }) => isPlacedBy(action, reference)) ? reference : otherwise.rename(reference)
      const { action } = rule
      if (action.kind === 'keep') return reference
      if (action.kind === 'deny') {
        const image = formatReference(reference)
        throw new ChartferryError(
          'IMAGE_DENIED',
          `image ${image} may not be used: ${action.reason} (rule ${rule.match})`,
        )
      }
      if (action.kind === 'to') return namingOf(action.target, action.mode).rename(reference)
      return place(reference, { host: action.name.host ?? otherwise.target.host, prefix: '' }, action.name.path)
    },
    renameRegistry(text) {
      // What stands for many images can only be renamed where no rule tells them apart.
      const [host = ''] = text.split('/')
      return rules.some(({ match }) => toExpression(match.split('/')[0] ?? '').test(host))
        ? undefined
        : otherwise.renameRegistry(text)
    },
  }
}

/** Whether an image has a name that the action gives: then it was moved before. */
function isPlacedBy(action: Rule['action'], reference: ImageReference): boolean {
  if (action.kind === 'to') return isAtTarget(reference, action.target)
  return action.kind === 'name' && action.name.host === reference.host && action.name.path === reference.path
}

function toExpression(pattern: string): RegExp {
  const body = pattern.replace(/\*\*|\*|[.+?^${}()|[\]\\/]/g, (piece) =>
    piece === '**' ? '.*' : piece === '*' ? '[^/]*' : `\\${piece}`,
  )
  return new RegExp(`^${body}$`)
}

function isMap(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node)
}
