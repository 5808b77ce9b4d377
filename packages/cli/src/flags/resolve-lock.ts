// Makes the lock of a declaration: asks repositories, registries and servers for what it names now.
import { parseReference } from '@chartferry/core/oci'
import { findDigest, type LockFile, makeLock } from '@chartferry/core/transfer'
import { readRenderValues } from './chart-options.ts'
import { readRequest } from './chart-request.ts'
import { openCommandClient } from './command-client.ts'
import type { Declared } from './declared.ts'
import { openCommandRegistries, type RegistryOptions } from './registry-options.ts'

export interface ResolveOptions {
  readonly signal: AbortSignal
  readonly onWarning: (message: string) => void
  readonly skipMissing?: 'unneeded' | 'all' | undefined
  /** Milliseconds for one rendering. Default: the renderer's own. */
  readonly timeoutMs?: number | undefined
}

/** Resolves everything. Throws as `makeLock` does, FILE_NOT_FOUND for certificates. */
export async function resolveLock(
  declared: Declared,
  flags: RegistryOptions,
  { signal, onWarning, skipMissing, timeoutMs }: ResolveOptions,
): Promise<LockFile> {
  // The credentials of a chart's repository are no credentials of a registry.
  const { username: _user, password: _password, ...given } = flags
  const rest = { ...given, declaredRegistries: declared.declaration.registries }
  const registries = await openCommandRegistries(rest)
  const client = await openCommandClient(flags)
  const charts = await Promise.all(
    declared.charts.map(async (request) => ({
      values: await readRenderValues(request.options),
      read: () => readRequest(request, signal),
    })),
  )
  try {
    return await makeLock(
      declared.declaration,
      {
        charts,
        resolveImage: async (reference) => {
          const { host = '', path, tag = 'latest', digest } = parseReference(reference)
          return (await registries.source(`${host}/${path}`).resolve(digest ?? tag, { signal })).digest
        },
        findDigest: (file) => findDigest(file, { client, signal }),
      },
      { signal, onWarning, skipMissing, timeoutMs },
    )
  } finally {
    await registries.close()
    await client.close()
  }
}
