// Whether a registry takes our credentials, before they are written down.
import type { ContentOptions } from '../content/content.ts'
import { drain, statusError } from './registry-error.ts'
import type { Transport } from './transport.ts'

/**
 * Asks for `/v2/` as ourselves. Registries whose tokens open repositories alone refuse a token there that names none
 * (robot accounts of Harbor); that their token service gave one to these credentials proves them. Throws
 * REGISTRY_DENIED, REGISTRY_UNREACHABLE, REGISTRY_INVALID where nothing like a registry answers.
 */
export async function proveLogin(transport: Transport, { signal }: ContentOptions = {}): Promise<void> {
  const { host } = transport
  const response = await transport.send('/v2/', { repository: '', actions: 'pull', signal })
  // A token that was refused to us would have been an error by now.
  if (response.status === 200 || (response.status === 401 && transport.known.hasToken === true)) return drain(response)
  throw await statusError(response, { what: host, host, repository: '', notFound: 'REGISTRY_INVALID', isPush: false })
}
