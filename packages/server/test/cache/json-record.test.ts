import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseIndexFile } from '@chartferry/core/helm'
import { openMemoryStore } from '@chartferry/core/transfer'
import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { closesAfterEach } from '../../../../test/kit/closing.ts'
import { startServer } from '../../../../test/kit/server.ts'
import { readRecord } from '../../src/cache/json-record.ts'

const closeLater = closesAfterEach()

describe('a record', () => {
  it('of the first form says nothing of it; damaged it is as good as lost', async () => {
    const store = openMemoryStore()
    for (const text of ['{"a":1}', '{"a":1,"format":1}']) {
      await store.put('a', Buffer.from(text))
      expect(await readRecord(store, 'a')).toMatchObject({ a: 1 })
    }
    await store.put('a', Buffer.from('{"a":'))
    expect(await readRecord(store, 'a')).toBeUndefined()
    expect(await readRecord(store, 'b')).toBeUndefined()
  })

  it('of a form that this version does not know is named, and left as it is', async () => {
    const values = 'image: quay.io/acme/web:1\n'
    const templates = {
      'pod.yaml': 'apiVersion: v1\nkind: Pod\nspec: {containers: [{image: "{{ .Values.image }}"}]}\n',
    }
    const options = {
      repositories: {
        local: { kind: 'hosted' },
        corp: { kind: 'relocated', of: 'local', to: 'images.corp', images: 'pull-through' },
      },
      settings: { images: { registries: { 'quay.io': {} } } },
    }
    const newer = await startServer(options)
    closeLater(() => newer.close())
    const body = await buildChart({ name: 'web', values, templates })
    expect((await newer.ask('/api/local/charts', { method: 'POST', body })).status).toBe(201)
    const index = parseIndexFile((await newer.ask('/corp/index.yaml')).body.toString())
    const path = `/corp/${index.entries.get('web')?.[0]?.urls[0]}`
    expect((await newer.ask(path)).status).toBe(200)
    const records = (await newer.files()).filter((file) => /^relocated\/(paths|.*\/made)\//.test(file))
    expect(records).toHaveLength(2)
    const written = new Map<string, string>()
    for (const record of records) {
      const file = join(newer.data, record)
      const text = JSON.stringify({ ...(JSON.parse(await readFile(file, 'utf8')) as object), format: 2 })
      await writeFile(file, text)
      written.set(file, text)
    }

    const older = await startServer({ ...options, data: newer.data })
    closeLater(() => older.close())
    const answer = await older.ask(path)
    expect([answer.status, answer.json()]).toMatchObject([
      503,
      {
        code: 'STORE_UNAVAILABLE',
        error: expect.stringMatching(/^relocated\/.*: the record has the format 2/) as string,
      },
    ])
    for (const [file, text] of written) expect(await readFile(file, 'utf8')).toBe(text)
  })
})
