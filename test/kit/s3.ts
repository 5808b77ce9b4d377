// A real S3 service with one empty bucket.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3'
import type { BlobStore } from '../../packages/core/src/storage/blob-store.ts'
import { openS3Store, type S3StoreOptions } from '../../packages/core/src/storage/s3-store.ts'
import { locateTool } from '../../scripts/tools.ts'
import { freePort } from './free-port.ts'

export interface TestS3 {
  readonly options: {
    readonly bucket: string
    readonly region: string
    readonly endpoint: string
    readonly credentials: NonNullable<S3StoreOptions['credentials']>
  }
  /** Lets everybody read the objects of the bucket. */
  publish(): Promise<void>
  close(): Promise<void>
}

/** A new and empty bucket as a blob store, for suites. */
export async function openTestBucket(): Promise<{ readonly store: BlobStore; close(): Promise<void> }> {
  const s3 = await startS3()
  const store = await openS3Store(s3.options)
  return {
    store,
    close: async () => {
      store.close()
      await s3.close()
    },
  }
}

/** What ChartMuseum's command is told to use the bucket. */
export function chartmuseumStorage({ options }: TestS3): {
  readonly storage: readonly string[]
  readonly environment: Readonly<Record<string, string>>
} {
  const { bucket, endpoint, region, credentials } = options
  const flags = { bucket, endpoint, region }
  return {
    storage: ['--storage=amazon', ...Object.entries(flags).map(([name, value]) => `--storage-amazon-${name}=${value}`)],
    environment: {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  }
}

/** Starts versitygw on a folder that goes with it. */
export async function startS3(): Promise<TestS3> {
  const tool = locateTool('versitygw')
  if (tool === undefined) throw new Error('versitygw is not there: node scripts/tools.ts')
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-s3-'))
  await mkdir(join(folder, 'buckets', 'charts'), { recursive: true })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test-secret' }
  await mkdir(join(folder, 'meta'), { recursive: true })
  const { child, endpoint } = await startGateway(tool, folder, credentials)
  return {
    publish: () => allowReading('charts', endpoint, credentials),
    options: { bucket: 'charts', region: 'us-east-1', endpoint, credentials },
    close: async () => {
      const ended = once(child, 'exit')
      if (child.kill('SIGKILL')) await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A port that was free may be somebody else's by the time it is used: then another one is tried. */
async function startGateway(
  tool: string,
  folder: string,
  { accessKeyId, secretAccessKey }: TestS3['options']['credentials'],
): Promise<{ readonly child: ChildProcess; readonly endpoint: string }> {
  for (let attempt = 1; ; attempt++) {
    const place = `127.0.0.1:${await freePort()}`
    const keys = ['--access', accessKeyId, '--secret', secretAccessKey]
    const folders = ['posix', '--sidecar', join(folder, 'meta'), join(folder, 'buckets')]
    const child = spawn(tool, ['--port', place, ...keys, '--quiet', ...folders], { stdio: 'ignore' })
    const endpoint = `http://${place}`
    while (child.exitCode === null) {
      // Another program on the port would answer too, but as no S3 service does.
      const answer = await fetch(endpoint).catch(() => undefined)
      if (answer?.headers.get('server') === 'VERSITYGW') return { child, endpoint }
    }
    if (attempt === 5) throw new Error(`versitygw ended with ${child.exitCode}`)
  }
}

async function allowReading(
  bucket: string,
  endpoint: string,
  credentials: TestS3['options']['credentials'],
): Promise<void> {
  const client = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true })
  const statement = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*` }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }))
  client.destroy()
}
