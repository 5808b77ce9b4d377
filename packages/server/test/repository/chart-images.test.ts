import { defaultLimits, digestOf } from '@chartferry/core'
import { openMemoryStore } from '@chartferry/core/transfer'
import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import type { StoredFile } from '../../src/cache/archive-cache.ts'
import { chartImages } from '../../src/repository/chart-images.ts'
import { singleFlight } from '../../src/repository/single-flight.ts'
import { childPool } from '../../src/workers/child-pool.ts'

describe('chartImages', () => {
  it('renders an archive once, also after a restart', async () => {
    const templates = {
      'pod.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "quay.io/a/b:1"}]}\n',
    }
    const bytes = Buffer.from(await buildChart({ name: 'web', templates }))
    const digest = digestOf(bytes)
    const file: StoredFile = { size: bytes.length, digest, open: async () => bytes }
    const store = openMemoryStore()
    const children = childPool()
    let rendered = 0
    const counted = {
      ask: (...asked: Parameters<typeof children.ask>) => {
        rendered++
        return children.ask(...asked)
      },
    }
    try {
      const found = []
      for (const _ of ['before', 'after a restart']) {
        const flights = singleFlight()
        const { signal } = new AbortController()
        const images = chartImages({ limits: defaultLimits, store, children: counted, flights, now: () => 0, signal })
        expect(images.look(digest, async () => file)).toEqual({ state: 'looking' })
        await flights.settle()
        found.push(images.look(digest, async () => file))
      }
      expect(found[0]).toMatchObject({ state: 'found', images: [{ reference: 'quay.io/a/b:1' }] })
      expect(found[1]).toEqual(found[0])
      expect(rendered).toBe(1)
    } finally {
      children.close()
    }
  })
})
