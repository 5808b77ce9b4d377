// One layer of 12 GiB through the command: the peak of its memory must not follow the size of the layer.
// node --conditions=@chartferry/source test/bench/huge-layer.ts [gibibytes]; chartferry runs as it is published, from dist.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describeBytes, noise } from '../kit/images.ts'

const block = noise('block', 1 << 20)
const blocks = Number(process.argv[2] ?? 12) * 1024
const size = blocks * block.length
const hash = createHash('sha256')
for (let number = 0; number < blocks; number++) hash.update(block)
const digest = `sha256:${hash.digest('hex')}`
const config = Buffer.from('{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}')
const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: describeBytes('application/vnd.oci.image.config.v1+json', config),
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size }],
  }),
)

function sendManifest(request: IncomingMessage, response: ServerResponse): void {
  const headers = {
    'content-type': manifestType,
    'content-length': manifest.length,
    'docker-content-digest': describeBytes(manifestType, manifest).digest,
  }
  response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : manifest)
}

const source = createServer((request, response) => {
  const { url = '' } = request
  if (url === '/v2/') response.end('{}')
  else if (url.includes('/manifests/v1') || url.includes(describeBytes('', manifest).digest))
    sendManifest(request, response)
  else if (url.endsWith(digest)) {
    response.writeHead(200, { 'content-length': size })
    Readable.from(
      (function* () {
        for (let number = 0; number < blocks; number++) yield block
      })(),
    ).pipe(response)
  } else if (url.includes('/blobs/')) response.end(config)
  else response.writeHead(404).end()
})

let received = ''
const target = createServer((request, response) => {
  const { url = '', method } = request
  if (url === '/v2/') response.end('{}')
  else if (method === 'POST') response.writeHead(202, { location: '/v2/m/app/blobs/uploads/1' }).end()
  else if (method === 'PUT') {
    const got = createHash('sha256')
    let length = 0
    request.on('data', (piece: Buffer) => {
      got.update(piece)
      length += piece.length
    })
    request.on('end', () => {
      if (length === size) received = `sha256:${got.digest('hex')}`
      response.writeHead(201).end()
    })
  } else response.writeHead(404).end()
})

const listen = async (server: typeof source): Promise<string> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const [from, to] = [await listen(source), await listen(target)]
const folder = await mkdtemp(join(tmpdir(), 'chartferry-huge-'))
const bin = join(import.meta.dirname, '../../packages/cli/bin/chartferry.js')
const started = performance.now()
const child = spawn(process.execPath, [bin, 'copy', `${from}/app:v1`, '--to', `${to}/m`, '--journal', folder], {
  stdio: 'inherit',
})
let peak = 0
const timer = setInterval(() => {
  void readFile(`/proc/${child.pid}/status`, 'utf8').then(
    (status) => {
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
    },
    () => {},
  )
}, 100)
const code = await new Promise((done) => child.on('close', done))
clearInterval(timer)
source.close()
target.close()
await rm(folder, { recursive: true, force: true })
const seconds = (performance.now() - started) / 1000
console.log(
  `${size} bytes in ${seconds.toFixed(0)} s, peak memory ${peak.toFixed(0)} MB, exit ${String(code)}, ${received === digest ? 'digest right' : 'DIGEST WRONG'}`,
)
process.exitCode = code === 0 && received === digest && peak < 150 ? 0 : 1
