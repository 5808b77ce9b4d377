// Every mode of naming, and rules, on a chart whose images are written in the ways that differ: in one leaf, in pieces, in a template.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseRules, type RelocateOptions, readChartArchive, relocate, targetModes } from '@chartferry/core'
import { describe, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'

const values = `image: {registry: quay.io, repository: acme/web, tag: "1"}
sidecar: ghcr.io/acme/side:2
`
const pod = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - {name: a, image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"}
    - {name: b, image: "{{ .Values.sidecar }}"}
    - {name: c, image: busybox}
`

async function relocated(options: Omit<RelocateOptions, 'to'>): Promise<Readonly<Record<string, string>>> {
  const original = await readChartArchive(await buildChart({ name: 'web', values, templates: { 'pod.yaml': pod } }))
  const { plan, proof, archive } = await relocate(original, { to: 'reg.corp/m', ...options })
  expect(proof).toMatchObject({ status: 'proven', notMoved: [] })
  const again = await relocate(archive, { to: 'reg.corp/m', ...options })
  expect(again.archive.digest).toBe(archive.digest)
  return Object.fromEntries(plan.images.map(({ from, to }) => [from, to.replace('reg.corp/m/', '')]))
}

describe('relocate', () => {
  const expected = {
    path: ['acme/web:1', 'acme/side:2', 'library/busybox'],
    'host-path': ['quay.io/acme/web:1', 'ghcr.io/acme/side:2', 'docker.io/library/busybox'],
    proxy: ['acme/web:1', 'acme/side:2', 'busybox'],
    flatten: ['quay.io-acme-web:1', 'ghcr.io-acme-side:2', 'busybox'],
    last: ['web:1', 'side:2', 'busybox'],
    hash: [
      expect.stringMatching(/^web-[0-9a-f]{16}:1$/),
      expect.stringMatching(/^side-/),
      expect.stringMatching(/^busybox-/),
    ],
  }

  it.each(targetModes)('proves mode %s, and changes nothing the second time', async (mode) => {
    const [web, side, busybox] = expected[mode]
    expect(await relocated({ mode })).toEqual({ 'quay.io/acme/web:1': web, 'ghcr.io/acme/side:2': side, busybox })
  })

  it.each(targetModes)(
    'changes nothing the second time where a parent overrides the same image, in mode %s',
    async (mode) => {
      const web = {
        name: 'web',
        values: 'image: prom/web:1\n',
        templates: { 'pod.yaml': 'kind: Pod\nspec: {containers: [{image: "{{ .Values.image }}"}]}\n' },
      }
      const shop = { name: 'shop', values: 'web: {image: prom/web:1}\n', subcharts: [web] }
      const original = await readChartArchive(await buildChart(shop))
      const first = await relocate(original, { to: 'reg.corp/m', mode })
      expect(first.plan.edits.map(({ file }) => file)).toEqual(['charts/web/values.yaml', 'values.yaml'])
      expect((await relocate(first.archive, { to: 'reg.corp/m', mode })).plan.edits).toEqual([])
    },
  )

  it('follows the rules of the document', async () => {
    const page = await readFile(join(import.meta.dirname, '../../docs/rules.md'), 'utf8')
    const text = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
    const names = await relocated({ rules: parseRules(text, 'docs/rules.md') })
    expect(names['quay.io/acme/web:1']).toBe('registry.corp/special/site:1')
  })

  it('lets an image stay that a rule keeps', async () => {
    const rules = parseRules('rules:\n  - {match: "ghcr.io/**", keep: true}\n', 'rules.yaml')
    expect((await relocated({ rules }))['ghcr.io/acme/side:2']).toBe('ghcr.io/acme/side:2')
  })

  it('refuses a chart with an image that a rule denies', async () => {
    const rules = parseRules('rules:\n  - {match: "ghcr.io/**", deny: not reviewed}\n', 'rules.yaml')
    await expect(relocated({ rules })).rejects.toMatchObject({ code: 'IMAGE_DENIED' })
  })
})
