// A registry over real HTTP that keeps everything in memory, and whose faults and peculiarities are knobs.
import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RegistryOptions {
  /** Whether `/referrers/` answers. Default: true. */
  readonly referrersApi?: boolean
  /** Whether blobs are mounted from other repositories. Default: true. */
  readonly mounts?: boolean
  /** How one proves who one is. Default: nobody has to. */
  readonly auth?: 'basic' | 'bearer'
  /** Default: `me` and `secret`. */
  readonly user?: { readonly name: string; readonly password: string }
  /** Whether anonymous users may pull with `bearer`. Default: false. */
  readonly anonymousPull?: boolean
  /** Uses after which a token ends. Default: none. */
  readonly tokenUses?: number
  /** Whether repositories must exist before a push; `repositories` lists those that do. Default: false. */
  readonly mustExist?: 'ecr' | 'harbor'
  /** Whether tags may not change. Default: false. */
  readonly immutableTags?: boolean
  /** The `Range` that an upload with so many bytes is said to have. Default: the right one. */
  readonly uploadRange?: (bytes: number) => string
  /** The most bytes of one request body. Default: any. */
  readonly maxBody?: number
  /** Entries of one page of tags or referrers. Default: 100. */
  readonly page?: number
}

export interface TestRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  readonly requests: readonly {
    readonly method: string
    readonly path: string
    readonly headers: IncomingMessage['headers']
  }[]
  readonly blobs: Map<string, Buffer>
  /** By repository: what is in it by digest, and its tags. */
  readonly repositories: Map<string, TestRepository>
  /** Bytes of blobs that went out and came in. */
  readonly traffic: { out: number; in: number }
  /** Called before each answer; true where it has answered itself. */
  intercept: ((request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>) | undefined
  /** Called with the bytes that an upload has, after each piece; true cuts the connection. */
  cutUpload: ((bytes: number) => boolean) | undefined
  /** Changes a byte of each upload that is under way. */
  spoilUploads(): void
  count(pattern: RegExp): number
  forget(): void
  close(): Promise<void>
}

export interface TestRepository {
  readonly manifests: Map<string, { readonly type: string; readonly bytes: Buffer }>
  readonly tags: Map<string, string>
  readonly blobs: Set<string>
}

const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** Starts an empty registry on a free port. */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const { page = 100, user = { name: 'me', password: 'secret' } } = options
  const blobs = new Map<string, Buffer>()
  const repositories = new Map<string, TestRepository>()
  const uploads = new Map<string, Buffer[]>()
  const tokens = new Map<string, { scope: string; uses: number }>()
  const requests: TestRegistry['requests'][number][] = []
  const traffic = { out: 0, in: 0 }

  const repositoryOf = (name: string): TestRepository => {
    const found = repositories.get(name) ?? { manifests: new Map(), tags: new Map(), blobs: new Set() }
    if (options.mustExist === undefined) repositories.set(name, found)
    return found
  }
  const fail = (response: ServerResponse, status: number, code: string, message = code): undefined =>
    void response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ errors: [{ code, message }] }))

  const isAllowed = (request: IncomingMessage, name: string, isPush: boolean): boolean => {
    const { authorization = '' } = request.headers
    if (options.auth === undefined) return true
    if (options.auth === 'basic')
      return authorization === `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`
    const token = tokens.get(authorization.replace('Bearer ', ''))
    if (token === undefined || token.uses === 0) return false
    const allowed =
      name === '' ||
      token.scope
        .split(' ')
        .some((scope) => scope.startsWith(`repository:${name}:`) && (!isPush || scope.includes('push')))
    if (allowed) token.uses--
    return allowed
  }

  const giveToken = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams): undefined => {
    const isKnown =
      request.headers.authorization === `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`
    const scope = query.getAll('scope').join(' ')
    const isAnonymous = request.headers.authorization === undefined
    if (!isKnown && !(isAnonymous && options.anonymousPull === true && !scope.includes('push')))
      return fail(response, 401, 'UNAUTHORIZED')
    const token = randomUUID()
    tokens.set(token, { scope, uses: options.tokenUses ?? Number.POSITIVE_INFINITY })
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ token, expires_in: 300 }))
  }

  const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
    const pieces: Buffer[] = []
    let size = 0
    for await (const piece of request as AsyncIterable<Buffer>) {
      size += piece.length
      pieces.push(piece)
    }
    return size > (options.maxBody ?? Number.POSITIVE_INFINITY) ? undefined : Buffer.concat(pieces)
  }

  const answerUpload = async (
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    id: string,
    query: URLSearchParams,
  ): Promise<void> => {
    const repository = repositoryOf(name)
    if (request.method === 'POST') {
      if (options.mustExist !== undefined && !repositories.has(name)) {
        if (options.mustExist === 'ecr')
          return fail(
            response,
            404,
            'NAME_UNKNOWN',
            `The repository with name '${name}' does not exist in the registry`,
          )
        return fail(
          response,
          401,
          'UNAUTHORIZED',
          `project ${name.split('/')[0]} not found: project ${name.split('/')[0]} not found`,
        )
      }
      const mount = query.get('mount')
      const from = repositories.get(query.get('from') ?? '')
      if (mount !== null && options.mounts !== false && from?.blobs.has(mount)) {
        repository.blobs.add(mount)
        return void response.writeHead(201, { location: `/v2/${name}/blobs/${mount}` }).end()
      }
      const session = randomUUID()
      uploads.set(session, [])
      return void response
        .writeHead(202, { location: `/v2/${name}/blobs/uploads/${session}?state=x`, 'content-length': '0' })
        .end()
    }
    const pieces = uploads.get(id)
    if (pieces === undefined) return fail(response, 404, 'BLOB_UPLOAD_UNKNOWN')
    if (request.method === 'DELETE') {
      uploads.delete(id)
      return void response.writeHead(204).end()
    }
    const held = (): number => pieces.reduce((sum, piece) => sum + piece.length, 0)
    const status = (): Record<string, string> => ({
      location: `/v2/${name}/blobs/uploads/${id}`,
      range: options.uploadRange?.(held()) ?? `0-${Math.max(0, held() - 1)}`,
    })
    if (request.method === 'GET') return void response.writeHead(204, status()).end()
    const before = held()
    const start = Number(/^(\d+)-/.exec(request.headers['content-range'] ?? '')?.[1] ?? before)
    if (start !== before) return fail(response, 416, 'RANGE_INVALID')
    // As it comes: what was sent before a connection broke is there.
    for await (const piece of request as AsyncIterable<Buffer>) {
      traffic.in += piece.length
      pieces.push(piece)
      if (registry.cutUpload?.(held()) === true) return void request.socket.destroy()
      if (held() - before <= (options.maxBody ?? Number.POSITIVE_INFINITY)) continue
      uploads.set(id, [])
      return fail(response, 413, 'SIZE_INVALID', 'too large')
    }
    if (request.method === 'PATCH') {
      return void response.writeHead(202, status()).end()
    }
    const bytes = Buffer.concat(pieces)
    uploads.delete(id)
    const digest = sha256(bytes)
    if (digest !== query.get('digest')) return fail(response, 400, 'DIGEST_INVALID')
    blobs.set(digest, bytes)
    repository.blobs.add(digest)
    response.writeHead(201, { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest }).end()
  }

  const answerManifest = async (
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    reference: string,
  ): Promise<void> => {
    const repository = repositoryOf(name)
    if (request.method === 'PUT') {
      const bytes = (await readBody(request)) ?? Buffer.alloc(0)
      const digest = sha256(bytes)
      if (reference.startsWith('sha256:') && reference !== digest) return fail(response, 400, 'DIGEST_INVALID')
      const document = JSON.parse(bytes.toString()) as ManifestDocument
      const named = [...(document.config ? [document.config] : []), ...(document.layers ?? [])].filter(
        ({ digest: blob }) => !repository.blobs.has(blob),
      )
      const listed = (document.manifests ?? []).filter(
        (entry) => !repository.manifests.has(entry.digest) && !reference.startsWith('sha256-'),
      )
      if (named.length + listed.length > 0) return fail(response, 400, 'MANIFEST_BLOB_UNKNOWN')
      if (!reference.startsWith('sha256:')) {
        const present = repository.tags.get(reference)
        if (options.immutableTags === true && present !== undefined && present !== digest)
          return fail(
            response,
            400,
            'TAG_INVALID',
            `The image tag '${reference}' already exists and cannot be overwritten because the repository is immutable.`,
          )
        repository.tags.set(reference, digest)
      }
      repository.manifests.set(digest, { type: request.headers['content-type'] ?? '', bytes })
      if (document.subject !== undefined && options.referrersApi !== false)
        response.setHeader('oci-subject', document.subject.digest)
      return void response.writeHead(201, { 'docker-content-digest': digest }).end()
    }
    const digest = reference.startsWith('sha256:') ? reference : repository.tags.get(reference)
    const found = repository.manifests.get(digest ?? '')
    if (digest === undefined || found === undefined) return fail(response, 404, 'MANIFEST_UNKNOWN')
    response.writeHead(200, {
      'content-type': found.type,
      'content-length': found.bytes.length,
      'docker-content-digest': digest,
    })
    response.end(request.method === 'HEAD' ? undefined : found.bytes)
  }

  const answerBlob = (request: IncomingMessage, response: ServerResponse, name: string, digest: string): undefined => {
    const bytes = repositoryOf(name).blobs.has(digest) ? blobs.get(digest) : undefined
    if (bytes === undefined) return fail(response, 404, 'BLOB_UNKNOWN')
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const part = bytes.subarray(start)
    if (start > 0) response.setHeader('content-range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`)
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': part.length })
    if (request.method === 'HEAD') return void response.end()
    traffic.out += part.length
    response.end(part)
  }

  const answerPage = (
    response: ServerResponse,
    path: string,
    query: URLSearchParams,
    items: readonly unknown[],
    body: (part: readonly unknown[]) => object,
  ): void => {
    const start = Number(query.get('start') ?? 0)
    if (start + page < items.length) response.setHeader('link', `<${path}?start=${start + page}>; rel="next"`)
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body(items.slice(start, start + page))))
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://registry')
    const path = decodeURIComponent(url.pathname)
    const { method = 'GET' } = request
    requests.push({ method, path: request.url ?? '/', headers: request.headers })
    if ((await registry.intercept?.(request, response)) === true) return
    if (path === '/token') return giveToken(request, response, url.searchParams)
    const match = /^\/v2\/(?:(.+?)\/(manifests|blobs\/uploads|blobs|tags|referrers)\/(.*))?$/.exec(path)
    if (match === null) return fail(response, 404, 'UNSUPPORTED')
    const [, name = '', kind = '', rest = ''] = match
    if (!isAllowed(request, name, !['GET', 'HEAD'].includes(method))) {
      const challenge =
        options.auth === 'basic'
          ? 'Basic realm="registry"'
          : `Bearer realm="http://${registry.host}/token",service="test,registry"`
      response.setHeader('www-authenticate', challenge)
      return fail(response, 401, 'UNAUTHORIZED')
    }
    if (name === '') return void response.end('{}')
    if (kind === 'blobs/uploads') return answerUpload(request, response, name, rest, url.searchParams)
    if (kind === 'manifests') return answerManifest(request, response, name, rest)
    if (kind === 'blobs') return answerBlob(request, response, name, rest)
    const repository = repositories.get(name)
    if (kind === 'tags') {
      if (repository === undefined) return fail(response, 404, 'NAME_UNKNOWN')
      return answerPage(response, path, url.searchParams, [...repository.tags.keys()].sort(), (tags) => ({
        name,
        tags,
      }))
    }
    if (options.referrersApi === false) return void response.writeHead(404).end('404 page not found')
    answerPage(response, path, url.searchParams, referrersOf(repository, rest), (manifests) => ({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests,
    }))
  }

  const server: Server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const registry: TestRegistry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    blobs,
    repositories,
    traffic,
    intercept: undefined,
    cutUpload: undefined,
    spoilUploads: () => {
      for (const [first] of uploads.values()) first?.fill(first[0] === 0 ? 1 : 0, 0, 1)
    },
    count: (pattern) => requests.filter(({ method, path }) => pattern.test(`${method} ${path}`)).length,
    forget: () => {
      requests.splice(0)
      Object.assign(traffic, { out: 0, in: 0 })
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done()).closeAllConnections()
      }),
  }
  return registry
}

interface ManifestDocument {
  readonly config?: { readonly digest: string; readonly mediaType: string }
  readonly layers?: readonly { readonly digest: string }[]
  readonly manifests?: readonly { readonly digest: string }[]
  readonly subject?: { readonly digest: string }
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

function referrersOf(repository: TestRepository | undefined, digest: string): readonly object[] {
  return [...(repository?.manifests ?? [])].flatMap(([own, { type, bytes }]) => {
    const {
      subject,
      config,
      artifactType = config?.mediaType,
      annotations,
    } = JSON.parse(bytes.toString()) as ManifestDocument
    return subject?.digest === digest
      ? [{ mediaType: type, digest: own, size: bytes.length, artifactType, annotations }]
      : []
  })
}
