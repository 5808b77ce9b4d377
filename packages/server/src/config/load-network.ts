// Reads the settings that name files with certificates and secrets: `tls`, `webhooks`, `redisUrlFile`.
import type { TlsConfig, WebhookConfig } from './config.ts'
import type { TlsDocument, WebhookDocument } from './network-schema.ts'
import type { Reading } from './reading.ts'
import { tlsFault } from './tls-fault.ts'

/** Our own certificate and key; a pair that does not belong together is a fault. */
export async function readTls(document: TlsDocument | undefined, reading: Reading): Promise<TlsConfig | undefined> {
  if (document === undefined) return undefined
  const { certFile, keyFile, clientCaFile } = document
  const [cert, key] = [await reading.file('certFile', certFile), await reading.file('keyFile', keyFile)]
  const clientCa = clientCaFile === undefined ? undefined : await reading.file('clientCaFile', clientCaFile)
  if (cert === undefined || key === undefined) return undefined
  const fault = tlsFault({ cert, key, clientCa })
  if (fault !== undefined) reading.tell(`certFile, keyFile, clientCaFile: ${fault}`)
  return { cert, key, clientCa }
}

/** Receivers with their secrets. `repositories` are all that there are. */
export async function readWebhooks(
  documents: readonly WebhookDocument[],
  repositories: ReadonlySet<string>,
  reading: Reading,
): Promise<readonly WebhookConfig[]> {
  return Promise.all(
    documents.map(async ({ url, repositories: named, ...given }, at) => {
      const below = reading.below(String(at))
      if (given.secret !== undefined && given.secretFile !== undefined)
        below.tell('has secret and secretFile; give one of the two')
      for (const name of named ?? []) if (!repositories.has(name)) below.tell(`there is no repository "${name}"`)
      const secret =
        given.secretFile === undefined
          ? given.secret && below.expand('secret', given.secret)
          : await below.secretFile('secretFile', given.secretFile)
      return { url, secret, repositories: named }
    }),
  )
}

/** The URL of Redis, which may hold a password and so may stand in a file. */
export async function readRedisUrl(
  { redisUrl, redisUrlFile }: { readonly redisUrl?: string | undefined; readonly redisUrlFile?: string | undefined },
  reading: Reading,
): Promise<string | undefined> {
  if (redisUrlFile === undefined) return redisUrl
  if (redisUrl !== undefined) reading.tell('redisUrl and redisUrlFile: give one of the two')
  const url = await reading.secretFile('redisUrlFile', redisUrlFile)
  if (url !== undefined && !/^rediss?:\/\//.test(url))
    reading.tell('redisUrlFile: must begin with redis:// or rediss://')
  return url
}
