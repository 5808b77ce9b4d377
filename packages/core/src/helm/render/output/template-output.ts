// What `helm template` prints of a rendering, by its flags (Helm's cmd/helm/template.go).
import { ChartferryError } from '../../../errors.ts'
import type { RenderedDocument, RenderResult } from '../chart-renderer.ts'
import { formatRendered } from '../engine/render-chart.ts'
import { hookEventsOf, isDefinition } from './document-role.ts'
import { splitManifests } from './manifests.ts'
import { compilePathPattern } from './path-pattern.ts'

export interface TemplateOutputOptions {
  /** The major version of Helm whose output it is. Default: 3. */
  readonly helm?: 3 | 4
  /** As `--include-crds`. Default: false. */
  readonly includeCrds?: boolean
  /** As `--no-hooks`. Default: false. */
  readonly noHooks?: boolean
  /** As `--skip-tests`. Default: false. */
  readonly skipTests?: boolean
  /** Patterns of paths below the chart, as `--show-only` takes them. Default: everything is shown. */
  readonly showOnly?: readonly string[]
}

/**
 * The output, line end included. A byte that is no UTF-8 is a lone surrogate, see `bytesOf`.
 * Throws FILE_NOT_FOUND for a pattern of `showOnly` that matches nothing.
 */
export function formatTemplateOutput(rendered: RenderResult, options: TemplateOutputOptions = {}): string {
  const { helm = 3, includeCrds = false, noHooks = false, skipTests = false, showOnly = [] } = options
  const output = formatRendered({
    documents: includeCrds ? rendered.documents : rendered.documents.filter(({ source }) => !isDefinition(source)),
    hooks: noHooks ? [] : rendered.hooks.filter((hook) => !(skipTests && isTest(hook))),
  })
  if (showOnly.length === 0) return output
  const documents = splitManifests(output, helm).map(String)
  return showOnly.map((pattern) => shown(documents, pattern)).join('')
}

function isTest(hook: RenderedDocument): boolean {
  const events = hookEventsOf(hook) ?? []
  return events.includes('test') || events.includes('test-success')
}

function shown(documents: readonly string[], pattern: string): string {
  const matches = compilePathPattern(pattern)
  const found = documents.filter((text) => {
    const path = /# Source: [^/\n]+\/(.+)/.exec(text)?.[1]
    return path !== undefined && matches(path)
  })
  if (found.length === 0) throw new ChartferryError('FILE_NOT_FOUND', `could not find template ${pattern} in chart`)
  return found.map((text) => `---\n${text}\n`).join('')
}
