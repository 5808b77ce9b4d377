import { parseIndexFile } from '@chartferry/core/helm'
import { expect, it } from 'vitest'
import { startChartMuseum } from '../../../../test/kit/chartmuseum.ts'
import { buildChart } from '../../../../test/kit/charts.ts'
import { startUpstream } from '../../../../test/kit/upstream.ts'

it('gives what was pushed first, then the upstream’s, also when that is gone', async () => {
  const upstream = await startUpstream([
    { name: 'far', version: '1.0.0' },
    { name: 'web', version: '1.0.0' },
    { name: 'web', version: '0.9.0' },
  ])
  const chartmuseum = await startChartMuseum([], { environment: { PROXY_CACHE: 'true', PROXY_URL: upstream.url } })
  const mine = await buildChart({ name: 'web', values: 'mine: true\n' })
  expect((await chartmuseum.push(mine)).status).toBe(201)
  const index = parseIndexFile((await chartmuseum.ask('/index.yaml')).body)
  expect([...index.entries].map(([name, versions]) => [name, versions.map(({ version }) => version)])).toEqual([
    ['far', ['1.0.0']],
    ['web', ['1.0.0', '0.9.0']],
  ])
  expect((await chartmuseum.ask('/charts/web-1.0.0.tgz')).body.equals(mine)).toBe(true)
  const listed = await chartmuseum.ask(`/${index.entries.get('far')?.[0]?.urls[0]}`)
  const named = await chartmuseum.ask('/charts/far-1.0.0.tgz')
  expect([listed.status, named.status]).toEqual([200, 200])
  expect(named.body.equals(listed.body)).toBe(true)
  await upstream.close()
  expect((await chartmuseum.ask('/charts/far-1.0.0.tgz')).body.equals(listed.body)).toBe(true)
  expect(parseIndexFile((await chartmuseum.ask('/index.yaml')).body).entries.size).toBe(2)
  expect((await chartmuseum.ask('/charts/none-1.0.0.tgz')).status).toBe(404)
  await chartmuseum.close()
})
