// The URL of a server of ours, as nodes reach it.
import { ChartferryError } from '@chartferry/core'

/** What these flags give. */
export interface ServerUrlOptions {
  readonly server?: string
  readonly serverConfig?: string
}

/** Throws USAGE for none, and for a configuration that does not say how others reach it. */
export async function serverUrl({ server, serverConfig }: ServerUrlOptions): Promise<URL> {
  if (server !== undefined) {
    if (URL.canParse(server) && /^https?:$/.test(new URL(server).protocol)) return new URL(server)
    throw new ChartferryError('USAGE', `--server ${server}: a URL with http:// or https:// is wanted`)
  }
  if (serverConfig === undefined)
    throw new ChartferryError('USAGE', 'the address of the server is missing', {
      hint: 'Give --server URL, or --server-config FILE.',
    })
  const { loadConfig } = await import('@chartferry/server')
  const { publicUrl } = await loadConfig({ file: serverConfig })
  if (publicUrl !== undefined) return new URL(publicUrl)
  throw new ChartferryError('USAGE', `${serverConfig}: it has no publicUrl, and nodes cannot guess it`, {
    hint: 'Set publicUrl there, or give --server URL.',
  })
}
