// Redirects of what is written: 307 and 308 ask for the same request elsewhere (RFC 9110, 15.4.8).
import type { HttpResponse } from '../http/http-message.ts'
import { isRepeatable } from '../http/send-request.ts'
import { drain } from './registry-error.ts'
import type { RegistryRequest, Transport } from './transport.ts'

const mostHops = 5

/**
 * Sends a request that writes, and follows redirects as long as its body can be sent again; otherwise the redirect is
 * the answer. Credentials go to the registry's own origin alone. Throws as `send`, REGISTRY_INVALID.
 */
export async function sendWriting(transport: Transport, path: string, request: RegistryRequest): Promise<HttpResponse> {
  let address = path
  for (let hops = 0; ; hops++) {
    const response = await transport.send(address, request)
    if (!isMoved(response) || !isRepeatable(request.body) || hops === mostHops) return response
    await drain(response)
    address = await transport.locate(response.headers.location ?? '', response.url)
  }
}

/** Whether an answer sends the same request elsewhere. */
export function isMoved({ status, headers }: Pick<HttpResponse, 'status' | 'headers'>): boolean {
  return (status === 307 || status === 308) && headers.location !== undefined
}
