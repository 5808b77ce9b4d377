// The dashboard and the alert rules in deploy/ ask only for metrics, labels and outcomes that the server has.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseYaml } from '@chartferry/core/helm'
import { errorTable } from '@chartferry/core/internal'
import { describe, expect, it } from 'vitest'
import { openMetrics } from '../../src/metrics/metrics.ts'

const deploy = join(import.meta.dirname, '../../../../deploy')

/** All values of the fields of this name, at any depth. */
function valuesOf(node: unknown, field: string): readonly string[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([name, value]) =>
    name === field && typeof value === 'string' ? [value] : valuesOf(value, field),
  )
}

async function readQueries(): Promise<readonly string[]> {
  const rules = parseYaml(await readFile(join(deploy, 'prometheus/chartferry-alerts.yaml'), 'utf8'), {
    where: 'alerts',
  })
  const dashboard: unknown = JSON.parse(await readFile(join(deploy, 'grafana/chartferry-dashboard.json'), 'utf8'))
  return [...valuesOf(rules, 'expr'), ...valuesOf(dashboard, 'expr'), ...valuesOf(dashboard, 'query')]
}

/** What a scrape has, by metric: its labels. */
async function readMetrics(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const metrics = openMetrics()
  metrics.request('GET', 'index', 200, 0.1)
  metrics.answer('a', 'index', 'HIT')
  metrics.upstream('a', 'index', 'OK', 0.1)
  metrics.quota('docker.io', 1)
  metrics.imageBytes('docker.io', 'HIT', 1)
  const text = await metrics.text([{ name: 'a', charts: 1, versions: 1, checkedAt: 1, failure: undefined }], 2)
  const found = new Map<string, Set<string>>()
  for (const [, name = '', labels = ''] of text.matchAll(/^([a-z_]+)(?:\{([^}]*)\})? /gm)) {
    const known = found.get(name) ?? new Set()
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label)
    found.set(name, known)
  }
  return found
}

describe('the queries of deploy/', () => {
  it('name metrics that the server has, by labels that they have', async () => {
    const [queries, metrics] = [await readQueries(), await readMetrics()]
    const selectors = queries.flatMap((query) => [...query.matchAll(/\b((?:chartferry|process)_\w+)(?:\{([^}]*)\})?/g)])
    expect(selectors.length).toBeGreaterThan(20)
    for (const [, name = '', labels = ''] of selectors) {
      expect([...metrics.keys()]).toContain(name)
      // Prometheus itself adds the job.
      for (const [, label = ''] of labels.matchAll(/(\w+)\s*[=!]/g))
        expect([...(metrics.get(name) ?? []), 'job'], name).toContain(label)
    }
    for (const name of metrics.keys())
      if (/^chartferry_.*(?<!_sum|_count)$/.test(name)) expect(queries.join()).toContain(name)
  })

  it('name outcomes that are codes of errors', async () => {
    const alternatives = (await readQueries()).flatMap((query) => [...query.matchAll(/outcome=~"([^"]*)"/g)])
    const codes = alternatives.flatMap(([, text = '']) => text.split('|'))
    expect(codes.filter((code) => !Object.hasOwn(errorTable, code))).toEqual([])
  })
})
