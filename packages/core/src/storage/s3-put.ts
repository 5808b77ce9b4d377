// Writes an object of S3 from pieces: small ones in one request, others in parts, so that no body is held whole.
import { createHash } from 'node:crypto'
import type { S3Client } from '@aws-sdk/client-s3'
import type { Digest } from '../digest.ts'
import type { BlobBody } from './blob-store.ts'

/** What all commands of a write name. */
export interface S3Target {
  readonly Bucket: string
  readonly Key: string
  readonly ServerSideEncryption?: 'AES256' | 'aws:kms'
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
  client: S3Client,
  sdk: typeof import('@aws-sdk/client-s3'),
  target: S3Target,
  body: BlobBody,
  check: (written: Written) => void,
): Promise<Written> {
  const { Bucket, Key } = target
  const hash = createHash('sha256')
  const parts: { readonly PartNumber: number; readonly ETag: string | undefined }[] = []
  let size = 0
  let upload: string | undefined
  let held: Uint8Array[] = []
  let heldBytes = 0

  const writePart = async (): Promise<void> => {
    upload ??= (await client.send(new sdk.CreateMultipartUploadCommand(target))).UploadId
    const PartNumber = parts.length + 1
    const Body = Buffer.concat(held)
    held = []
    heldBytes = 0
    const { ETag } = await client.send(new sdk.UploadPartCommand({ Bucket, Key, UploadId: upload, PartNumber, Body }))
    parts.push({ PartNumber, ETag })
  }

  try {
    for await (const piece of body instanceof Uint8Array ? [body] : body) {
      hash.update(piece)
      size += piece.length
      held.push(piece)
      heldBytes += piece.length
      if (heldBytes >= partSize && !(body instanceof Uint8Array)) await writePart()
    }
    const written: Written = { size, digest: `sha256:${hash.digest('hex')}` }
    check(written)
    if (upload === undefined) {
      await client.send(new sdk.PutObjectCommand({ ...target, Body: Buffer.concat(held) }))
    } else {
      if (heldBytes > 0) await writePart()
      const MultipartUpload = { Parts: parts }
      await client.send(new sdk.CompleteMultipartUploadCommand({ Bucket, Key, UploadId: upload, MultipartUpload }))
    }
    return written
  } catch (thrown) {
    if (upload !== undefined)
      await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId: upload })).catch(() => {})
    throw thrown
  }
}
