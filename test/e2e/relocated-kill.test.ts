// A server that is killed between the copy of the images and the publishing of the chart: nothing is published, and the
// next one goes on. And what no other server has left behind: two engines, one archive.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseIndexFile } from '@chartferry/core/helm'
import { openRegistries } from '@chartferry/core/oci'
import { expect, it } from 'vitest'
import { closesAfterEach } from '../kit/closing.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { startRegistry } from '../kit/registry.ts'
import { ask, startServer } from '../kit/server.ts'
import { startProcess } from '../kit/server-process.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream } from '../kit/upstream.ts'

const closeLater = closesAfterEach()
const web = {
  name: 'web',
  templates: {
    'pod.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "{{ .Values.image }}"}]}\n',
  },
}

async function pathOf(url: string): Promise<string> {
  const index = parseIndexFile((await ask(url, '/corp/index.yaml')).body.toString())
  return `/corp/${index.entries.get('web')?.[0]?.urls[0]}`
}

it('publishes nothing when it is killed after the images were copied, and the next server goes on', async () => {
  const [upstream, origin, target] = await Promise.all([startUpstream(), startRegistry(), startRegistry()])
  for (const opened of [upstream, origin, target]) closeLater(() => opened.close())
  const team = openRegistries({ plainHttp: true }).repository(`${origin.host}/team/web`)
  await pushImage(team, { layers: [layerOf('one', 5000)], tag: 'v1' })
  await upstream.add({ ...web, values: `image: ${origin.host}/team/web:v1\n` })
  const data = await mkdtemp(join(tmpdir(), 'chartferry-killed-'))
  closeLater(() => rm(data, { recursive: true, force: true }))
  const settings = {
    data,
    retryAfter: '0s',
    images: { registries: { lab: { host: origin.host, plainHttp: true } } },
    repositories: {
      up: { url: upstream.url },
      corp: { kind: 'relocated', of: 'up', to: `${target.host}/mirror`, images: 'copy' },
    },
  }
  const first = await startProcess(settings)
  closeLater(() => first.close().catch(() => {}))
  const path = await pathOf(first.url)
  // The last thing that a copy does is to ask for what it has pushed.
  target.intercept = (request) => {
    const isThere = target.repositories.get('mirror/team/web')?.tags.has('v1') === true
    if (isThere && request.method === 'HEAD') process.kill(first.pid, 'SIGKILL')
    return false
  }
  await expect(ask(first.url, path)).rejects.toThrow()
  target.intercept = undefined
  expect(target.repositories.get('mirror/team/web')?.tags.has('v1')).toBe(true)
  const next = await startServer({ repositories: settings.repositories, settings, data })
  closeLater(() => next.close())
  expect((await next.files()).filter((file) => /relocated\/.*\/made\//.test(file))).toEqual([])
  target.forget()
  expect((await next.ask(path)).status).toBe(200)
  expect(target.count(/^POST .*\/uploads/)).toBe(0)
})

describeWithTools('two servers, one with helm', ['helm3'], (tools) => {
  it('give the archive that was made first, and the record says by what it was proven', async () => {
    const upstream = await startUpstream()
    closeLater(() => upstream.close())
    await upstream.add({ ...web, values: 'image: quay.io/acme/web:1\n' })
    const repositories = {
      up: upstream.url,
      corp: { kind: 'relocated', of: 'up', to: 'images.corp', images: 'pull-through' },
    }
    const settings = { images: { registries: { 'quay.io': {} } } }
    const withHelm = await startServer({ repositories, settings, environment: { HELM_BIN: tools.helm3 } })
    closeLater(() => withHelm.close())
    const without = await startServer({ repositories, settings, data: withHelm.data })
    closeLater(() => without.close())
    const path = await pathOf(withHelm.url)
    const made = await withHelm.ask(path)
    expect(made.status).toBe(200)
    expect((await without.ask(path)).body.equals(made.body)).toBe(true)
    expect((await without.ask('/api/corp/charts/web/1.0.0/relocation')).json()).toMatchObject({
      by: { renderer: expect.stringMatching(/^helm v3/) },
    })
  })
})
