// The example of three servers on one bucket: what one has taken the others give, relocated charts too, with a Redis or
// without it.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { digestOf } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { openRegistries } from '@chartferry/core/oci'
import { expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { closesAfterEach } from '../kit/closing.ts'
import { freePort } from '../kit/free-port.ts'
import { openHelm } from '../kit/helm.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { ask } from '../kit/server.ts'
import { describeWithTools } from '../kit/tools.ts'

const root = join(import.meta.dirname, '../..')
const script = join(root, 'examples/three-replicas/start.sh')
const pod =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "{{ .Values.image }}"}]}\n'

/** A chart whose image is pulled through. */
function chartOf(version: string): Promise<Uint8Array> {
  const values = 'image: docker.io/acme/web:1\n'
  return buildChart({ name: 'web', version, values, templates: { 'pod.yaml': pod } })
}

/** The first of six ports in a row that were free a moment ago. */
async function freePorts(): Promise<number> {
  for (;;) {
    const first = await freePort()
    const others = await Promise.all([1, 2, 3, 4, 5].map((offset) => isFree(first + offset)))
    if (others.every(Boolean)) return first
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      done(false)
    })
    socket.once('error', () => done(true))
  })
}

describeWithTools('examples/three-replicas', ['versitygw', 'redis-server', 'nginx', 'helm3', 'crane'], (tools) => {
  const closeLater = closesAfterEach()

  /** Runs the script until it is ready; gives the URLs of nginx and of the three servers. */
  async function start(): Promise<{ readonly urls: readonly string[]; readonly child: ChildProcess; redis: number }> {
    const port = await freePorts()
    const place = await mkdtemp(join(tmpdir(), 'chartferry-replicas-'))
    closeLater(() => rm(place, { recursive: true, force: true }))
    const bin = join(root, 'packages/cli/src/bin.ts')
    const program = `#!/bin/sh\nexec "${process.execPath}" --conditions=@chartferry/source "${bin}" "$@"\n`
    await writeFile(join(place, 'chartferry'), program, { mode: 0o755 })
    for (const name of ['versitygw', 'redis-server', 'nginx'] as const) await symlink(tools[name], join(place, name))
    const env = { ...process.env, PATH: `${place}:${process.env.PATH ?? ''}`, PORT: String(port), TMPDIR: place }
    const child = spawn('sh', [script], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = once(child, 'exit')
    closeLater(async () => {
      child.kill('SIGTERM')
      await ended
    })
    let words = ''
    child.stderr.on('data', (piece: Buffer) => {
      words += piece.toString()
    })
    let isReady = false
    for await (const line of createInterface({ input: child.stdout })) {
      isReady = line.startsWith('All three are ready')
      if (isReady) break
    }
    if (!isReady) throw new Error(words)
    child.stdout.resume()
    return { urls: [0, 1, 2, 3].map((offset) => `http://127.0.0.1:${port + offset}`), child, redis: port + 5 }
  }

  it('serves from each what another one has taken, and stops everything', async () => {
    const { urls, child, redis } = await start()
    const [front = '', one = '', two = '', three = ''] = urls
    const helm = await openHelm(tools.helm3)
    closeLater(() => helm.close())

    const push = async (url: string, version: string): Promise<Uint8Array> => {
      const bytes = await chartOf(version)
      expect((await ask(url, '/api/local/charts', { method: 'POST', body: bytes })).status).toBe(201)
      return bytes
    }
    /** Another server may lack it for a second. */
    const listed = async (url: string, version: string): Promise<void> => {
      for (;;) {
        const index = parseIndexFile((await ask(url, '/local/index.yaml')).body.toString())
        if (index.entries.get('web')?.some((entry) => entry.version === version) === true) return
      }
    }
    const bytes = await push(one, '1.0.0')
    for (const url of [two, three]) await listed(url, '1.0.0')
    await helm.must('pull', `oci://${three.slice(7)}/local/web`, '--version', '1.0.0', '--plain-http')
    expect((await readFile(join(helm.folder, 'web-1.0.0.tgz'))).equals(bytes)).toBe(true)

    const pushed = openRegistries({ plainHttp: true }).repository(`${one.slice(7)}/local/team/app`)
    const { digest } = await pushImage(pushed, { layers: [layerOf('app', 9_000_000)], tag: 'v1' })
    await promisify(execFile)(tools.crane, [
      'pull',
      '--insecure',
      `${two.slice(7)}/local/team/app:v1`,
      join(helm.folder, 'app.tar'),
    ])
    const resolved = await promisify(execFile)(tools.crane, [
      'digest',
      '--insecure',
      `${front.slice(7)}/local/team/app:v1`,
    ])
    expect(resolved.stdout.trim()).toBe(digest)

    /** The digests that all servers give for a relocated version; each is asked at once. */
    const relocated = async (version: string): Promise<ReadonlySet<string>> => {
      const answers = await Promise.all(
        urls.map(async (url) => {
          await listed(url, version)
          const index = parseIndexFile((await ask(url, '/local-corp/index.yaml')).body.toString())
          const path = index.entries.get('web')?.find((entry) => entry.version === version)?.urls[0]
          return ask(url, `/local-corp/${path}`)
        }),
      )
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
      return new Set(answers.map(({ body }) => digestOf(body)))
    }
    expect((await relocated('1.0.0')).size).toBe(1)
    const rendered = await helm.must(
      'template',
      `oci://${three.slice(7)}/local-corp/web`,
      '--version',
      '1.0.0',
      '--plain-http',
    )
    expect(rendered).toContain(`image: "${front.slice(7)}/docker.io/acme/web:1"`)

    await shutdown(redis)
    await push(two, '2.0.0')
    await listed(three, '2.0.0')
    expect((await relocated('2.0.0')).size).toBe(1)
    expect((await relocated('1.0.0')).size).toBe(1)

    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect(await Promise.all(urls.map((url) => isFree(Number(new URL(url).port))))).toEqual([true, true, true, true])
  }, 180_000)
})

/** Ends the Redis of a port, and waits until it is gone. */
async function shutdown(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.write('SHUTDOWN NOSAVE\r\n')
  socket.resume()
  await once(socket, 'close')
}
