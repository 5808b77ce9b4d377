// Writes an object of S3 from pieces: small ones in one request, others in parts, so that no body is held whole.
import { createHash } from 'node:crypto'
import type { S3Client } from '@aws-sdk/client-s3'
import type { Digest } from '../digest.ts'
import type { BlobBody } from './blob-store.ts'
import { within } from './s3-bounds.ts'

/** What all commands of a write name. */
export interface S3Target {
  readonly Bucket: string
  readonly Key: string
  readonly ServerSideEncryption?: 'AES256' | 'aws:kms'
}

export interface S3Write {
  readonly client: S3Client
  readonly sdk: typeof import('@aws-sdk/client-s3')
  readonly target: S3Target
  /** Milliseconds for one call; one that writes has more for its bytes. */
  readonly timeout: number
}

interface Written {
  readonly size: number
  readonly digest: Digest
}

/** Bytes of a part; the service takes no smaller ones but the last. */
const partSize = 8 * 1024 * 1024

/**
 * Writes the body. `check` is asked before anything can be seen under the key: what it throws, and what the body
 * throws, leaves the object that was there.
 */
export async function putObject(
  { client, sdk, target, timeout }: S3Write,
  body: BlobBody,
  check: (written: Written) => void,
): Promise<Written> {
  const { Bucket, Key } = target
  const hash = createHash('sha256')
  const parts: { readonly PartNumber: number; readonly ETag: string | undefined }[] = []
  let size = 0
  let upload: string | undefined
  let gathered: Uint8Array[] = []
  let gatheredBytes = 0

  const writePart = async (): Promise<void> => {
    upload ??= (await within(timeout, (bounds) => client.send(new sdk.CreateMultipartUploadCommand(target), bounds)))
      .UploadId
    const PartNumber = parts.length + 1
    const Body = Buffer.concat(gathered)
    gathered = []
    gatheredBytes = 0
    const part = new sdk.UploadPartCommand({ Bucket, Key, UploadId: upload, PartNumber, Body })
    const { ETag } = await within(timeout, (bounds) => client.send(part, bounds), Body.length)
    parts.push({ PartNumber, ETag })
  }

  try {
    for await (const piece of body instanceof Uint8Array ? [body] : body) {
      hash.update(piece)
      size += piece.length
      gathered.push(piece)
      gatheredBytes += piece.length
      if (gatheredBytes >= partSize && !(body instanceof Uint8Array)) await writePart()
    }
    const written: Written = { size, digest: `sha256:${hash.digest('hex')}` }
    check(written)
    if (upload === undefined) {
      await within(
        timeout,
        (bounds) => client.send(new sdk.PutObjectCommand({ ...target, Body: Buffer.concat(gathered) }), bounds),
        size,
      )
    } else {
      if (gatheredBytes > 0) await writePart()
      const MultipartUpload = { Parts: parts }
      const whole = new sdk.CompleteMultipartUploadCommand({ Bucket, Key, UploadId: upload, MultipartUpload })
      await within(timeout, (bounds) => client.send(whole, bounds), size)
    }
    return written
  } catch (thrown) {
    if (upload !== undefined)
      await within(timeout, (bounds) =>
        client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId: upload }), bounds),
      ).catch(() => {})
    throw thrown
  }
}
