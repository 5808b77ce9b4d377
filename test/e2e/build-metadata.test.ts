// Versions that differ in build metadata alone: of them helm takes the one that its sort brings to the front. We take the
// same, and so does helm through the proxy.
import { mkdtemp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseIndexFile, selectVersion } from '@chartferry/core/helm'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { openHelm } from '../kit/helm.ts'
import { startServer } from '../kit/server.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

let upstream: TestUpstream

beforeEach(async () => {
  upstream = await startUpstream()
})
afterEach(() => upstream.close())

/** Whole numbers that look like chance, the same each time. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state
  }
}

/** The versions of an index in the order of its file. */
const arrangements: readonly (readonly [name: string, versions: readonly string[]])[] = [
  ['twelve, ascending', Array.from({ length: 12 }, (_, at) => `1.0.${Math.floor(at / 4)}+b${at}`)],
  ['thirteen, ascending', Array.from({ length: 13 }, (_, at) => `1.0.${Math.floor(at / 5)}+b${at}`)],
  ['thirteen, descending', Array.from({ length: 13 }, (_, at) => `1.0.${2 - Math.floor(at / 5)}+b${at}`)],
  ['forty of one version', Array.from({ length: 40 }, (_, at) => `1.0.0+b${at}`)],
  ...[20, 60, 200, 700].map((count): readonly [string, readonly string[]] => {
    const next = numbers(count)
    return [`${count}, in no order`, Array.from({ length: count }, (_, at) => `1.0.${(next() >> 8) % 3}+b${at}`)]
  }),
]

describeWithTools('versions that differ in build metadata alone', ['helm3', 'helm4'], (tools) => {
  it.each(arrangements)('are chosen as helm does: %s', async (_, versions) => {
    const bytes = await buildChart({ name: 'web' })
    const entries = versions.map((version, at) => ({ name: 'web', version, apiVersion: 'v2', urls: [`${at}.tgz`] }))
    for (const at of versions.keys()) upstream.files.set(`${at}.tgz`, bytes)
    const text = JSON.stringify({ apiVersion: 'v1', entries: { web: entries } })
    upstream.setIndex(text)
    const server = await startServer({ repositories: { up: upstream.url } })
    try {
      for (const binary of [tools.helm3, tools.helm4]) {
        const helm = await openHelm(binary)
        await helm.must('repo', 'add', 'direct', upstream.url)
        await helm.must('repo', 'add', 'proxied', `${server.url}/up`)
        for (const range of ['1.0.0', '~1.0.0', '']) {
          const taken: string[] = []
          for (const repository of ['direct', 'proxied']) {
            const version = range === '' ? [] : ['--version', range]
            const folder = await mkdtemp(join(helm.folder, 'pulled-'))
            await helm.must('pull', `${repository}/web`, ...version, '-d', folder)
            taken.push(...(await readdir(folder)))
          }
          const ours = selectVersion(parseIndexFile(text), 'web', range).urls[0]
          expect([range, ...taken]).toEqual([range, ours, ours])
        }
        await helm.close()
      }
    } finally {
      await server.close()
    }
  })
})
