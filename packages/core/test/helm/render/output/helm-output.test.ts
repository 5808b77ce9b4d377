import { describe, expect, it } from 'vitest'
import { splitHelmOutput } from '../../../../src/helm/render/output/helm-output.ts'

describe('splitHelmOutput', () => {
  it('gives each document its template, hooks apart', () => {
    const output = `---
# Source: web/templates/a.yaml
kind: A
---
# Source: web/templates/tests/b.yaml
kind: B
metadata:
  annotations:
    "helm.sh/hook": test
`
    const { documents, hooks } = splitHelmOutput(output)
    expect(documents).toEqual([{ source: 'web/templates/a.yaml', text: 'kind: A' }])
    expect(hooks).toMatchObject([{ source: 'web/templates/tests/b.yaml' }])
  })

  it('takes no document for a hook whose annotation is below spec', () => {
    const nested = 'kind: Job\nspec:\n  annotations:\n    helm.sh/hook: test'
    const output = `---\n# Source: web/templates/a.yaml\n${nested}\n---\n# Source: web/templates/b.yaml\nkind: B\n`
    expect(splitHelmOutput(output).documents.map(({ source }) => source)).toEqual([
      'web/templates/a.yaml',
      'web/templates/b.yaml',
    ])
  })

  it('keeps separators inside a document', () => {
    const { documents } = splitHelmOutput('---\n# Source: web/crds/a.yaml\nkind: A\n---\nkind: B\n')
    expect(documents).toEqual([{ source: 'web/crds/a.yaml', text: 'kind: A\n---\nkind: B' }])
  })

  it('finds no document in an empty output', () => {
    expect(splitHelmOutput('')).toEqual({ documents: [], hooks: [] })
  })
})
