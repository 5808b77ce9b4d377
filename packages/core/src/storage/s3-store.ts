// A blob store in a bucket of an S3 service: whole objects, written conditionally where they may not be replaced.
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import type { Digest } from '../digest.ts'
import { ChartferryError, isChartferryError } from '../errors.ts'
import { type BlobStore, checkKey, checkRange } from './blob-store.ts'
import { callTime, untilAlone, untilSilent, within } from './s3-bounds.ts'
import { putObject } from './s3-put.ts'

/** Milliseconds for a connection. */
const connectTime = 3000

export interface S3StoreOptions {
  readonly bucket: string
  /** What all keys begin with. Default: nothing. */
  readonly prefix?: string | undefined
  /** Default: what the SDK finds in the environment, else us-east-1. */
  readonly region?: string | undefined
  /** The URL of a service that is not AWS. Default: AWS. */
  readonly endpoint?: string | undefined
  /** Whether the bucket stands in the path, not in the host name. Default: true with an endpoint. */
  readonly pathStyle?: boolean | undefined
  /** Default: what the SDK finds in the environment: variables, profile, role. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
  /** `AES256` or `aws:kms`. Default: as the bucket has it. */
  readonly encryption?: string | undefined
  /** Milliseconds for one call, and between two pieces of a body; one that writes has more for its bytes. Default: 10 s. */
  readonly timeout?: number | undefined
}

/** A store that holds connections. */
export interface S3Store extends BlobStore {
  close(): void
}

/**
 * Opens a store on a bucket. The service must refuse `PutObject` with `If-None-Match: *` where there is an object, as
 * AWS, MinIO, versitygw and others do; who opens it for several writers tries that. Reaches nobody yet. Throws CONFIG_INVALID when the SDK is not installed.
 */
export async function openS3Store(options: S3StoreOptions): Promise<S3Store> {
  const { bucket: Bucket, prefix = '', endpoint, pathStyle = endpoint !== undefined, credentials } = options
  const { timeout = callTime } = options
  const sdk = await loadSdk()
  const client: S3Client = new sdk.S3Client({
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    forcePathStyle: pathStyle,
    requestHandler: { connectionTimeout: Math.min(connectTime, timeout) },
    // Others than AWS store the framing of a checksummed body inside the object.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const place = (key: string): { Bucket: string; Key: string } => {
    checkKey(key)
    return { Bucket, Key: prefix + key }
  }
  const encryption =
    options.encryption === undefined ? {} : { ServerSideEncryption: options.encryption as 'AES256' | 'aws:kms' }

  async function stat(key: string): ReturnType<BlobStore['stat']> {
    const found = await absentAsUndefined(() =>
      within(timeout, (bounds) => client.send(new sdk.HeadObjectCommand(place(key)), bounds)),
    )
    if (found === undefined) return undefined
    return { size: found.ContentLength ?? 0, modified: found.LastModified?.getTime() ?? 0 }
  }

  async function refuseRange(key: string, range: Parameters<typeof checkRange>[0]): Promise<undefined> {
    const found = await stat(key)
    if (found !== undefined) checkRange(range, found.size)
    return undefined
  }

  return {
    stat,
    get: async (key, { range } = {}) => {
      const isOdd =
        range !== undefined && !(Number.isInteger(range.start) && range.start >= 0 && range.end >= range.start)
      if (range !== undefined && isOdd) return refuseRange(key, range)
      const found = await absentAsUndefined(() =>
        within(timeout, (bounds) =>
          client.send(
            new sdk.GetObjectCommand({
              ...place(key),
              ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` }),
            }),
            bounds,
          ),
        ).catch((thrown: unknown) => {
          if (statusOf(thrown) === 416) return undefined
          throw thrown
        }),
      )
      if (found === undefined) return range === undefined ? undefined : refuseRange(key, range)
      const body = found.Body instanceof Readable ? untilSilent(found.Body, timeout) : Readable.from([])
      if (range === undefined) return { size: found.ContentLength ?? 0, body }
      const size = Number(/\/(\d+)$/.exec(found.ContentRange ?? '')?.[1] ?? Number.NaN)
      try {
        checkRange(range, size)
      } catch (thrown) {
        body.destroy()
        throw thrown
      }
      return { size, body }
    },
    put: async (key, body, { digest } = {}) => {
      const target = { ...place(key), ...encryption }
      return guarded(() =>
        putObject({ client, sdk, target, timeout }, body, (pieces) => checkWhole(key, pieces, digest)),
      )
    },
    create: async (key, body) => {
      const target = { ...place(key), ...encryption }
      const bytes = body instanceof Uint8Array ? body : Buffer.concat(await Array.fromAsync(body))
      const writer = randomUUID()
      const command = new sdk.PutObjectCommand({ ...target, Body: bytes, IfNoneMatch: '*', Metadata: { writer } })
      const write = async (): Promise<boolean> => {
        try {
          await within(timeout, (bounds) => client.send(command, bounds), bytes.length)
          return true
        } catch (thrown) {
          if (statusOf(thrown) !== 412) throw thrown
          // An answer that was lost is asked for again by the SDK, and then it is our own object that is in the way.
          const there = await within(timeout, (bounds) => client.send(new sdk.HeadObjectCommand(place(key)), bounds))
          return there.Metadata?.writer === writer
        }
      }
      // Two at once: the service asks to look again.
      return guarded(() => untilAlone(write, (thrown) => statusOf(thrown) === 409))
    },
    delete: async (key) =>
      guarded(async () => {
        await within(timeout, (bounds) => client.send(new sdk.DeleteObjectCommand(place(key)), bounds))
      }),
    async *list(start, { after = '' } = {}) {
      let ContinuationToken: string | undefined
      do {
        const page = await guarded(() =>
          within(timeout, (bounds) =>
            client.send(
              new sdk.ListObjectsV2Command({
                Bucket,
                Prefix: prefix + start,
                ...(after === '' ? {} : { StartAfter: prefix + after }),
                ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
              }),
              bounds,
            ),
          ),
        )
        for (const { Key } of page.Contents ?? []) {
          // Services on a file system show folders as keys.
          if (Key !== undefined && !Key.endsWith('/')) yield Key.slice(prefix.length)
        }
        // A service that gives the same token again would be asked for ever.
        if (page.NextContinuationToken !== undefined && page.NextContinuationToken === ContinuationToken)
          throw new ChartferryError('STORE_UNAVAILABLE', 'the bucket cannot be listed: its pages do not end')
        ContinuationToken = page.NextContinuationToken
      } while (ContinuationToken !== undefined)
    },
    close: () => client.destroy(),
  }
}

async function loadSdk(): Promise<typeof import('@aws-sdk/client-s3')> {
  try {
    return await import('@aws-sdk/client-s3')
  } catch (thrown) {
    throw new ChartferryError('CONFIG_INVALID', 'storage in S3 needs the package @aws-sdk/client-s3', {
      cause: thrown,
      hint: 'Install it beside chartferry: npm install @aws-sdk/client-s3',
    })
  }
}

function checkWhole(key: string, whole: { readonly digest: Digest }, expected: Digest | undefined): void {
  if (expected === undefined || whole.digest === expected) return
  throw new ChartferryError('DIGEST_MISMATCH', `${key}: expected ${expected}, got ${whole.digest}`, {
    details: { expected, actual: whole.digest },
  })
}

async function absentAsUndefined<Value>(run: () => Promise<Value>): Promise<Value | undefined> {
  return guarded(() =>
    run().catch((thrown: unknown) => {
      if (statusOf(thrown) === 404 && !isNoBucket(thrown)) return undefined
      throw thrown
    }),
  )
}

function isNoBucket(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'NoSuchBucket'
}

function statusOf(thrown: unknown): number | undefined {
  return (thrown as S3ServiceException | undefined)?.$metadata?.httpStatusCode
}

/** Makes the SDK's errors ours. */
async function guarded<Value>(run: () => Promise<Value>): Promise<Value> {
  try {
    return await run()
  } catch (thrown) {
    const isSdk =
      thrown instanceof Error &&
      ('$metadata' in thrown ||
        'code' in thrown ||
        thrown.name === 'TimeoutError' ||
        thrown.name === 'AbortError' ||
        thrown.name === 'CredentialsProviderError')
    if (isChartferryError(thrown) || !isSdk) throw thrown
    const status = statusOf(thrown)
    // What is refused or cut costs no time; what is silent does.
    const isSilent = thrown.name === 'AbortError'
    const what = status === undefined ? thrown.name : `${thrown.name}, status ${status}`
    throw new ChartferryError(
      'STORE_UNAVAILABLE',
      `the bucket cannot be read or written: ${isSilent ? 'it does not answer' : what}`,
      {
        cause: thrown,
        details: { ...(isSilent ? { reason: 'timeout' } : {}), ...(status === undefined ? {} : { status }) },
      },
    )
  }
}
