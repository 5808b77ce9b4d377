// The HTTP client of a command, as its flags say.
import { type HttpClient, openHttpClient } from '@chartferry/core/internal'
import { type PatienceOptions, patienceOf } from './patience-options.ts'
import { readPem } from './read-text.ts'

/** What the flags of TLS give. */
export interface TlsOptions {
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
  readonly insecureSkipTlsVerify?: boolean
}

/** Opens the client. Throws FILE_NOT_FOUND for certificates. */
export async function openCommandClient(options: TlsOptions & PatienceOptions): Promise<HttpClient> {
  const [ca, cert, key] = await Promise.all([options.caFile, options.certFile, options.keyFile].map(readPem))
  const { retries } = patienceOf(options)
  return openHttpClient({
    patient: true,
    ...(retries === undefined ? {} : { attempts: retries + 1 }),
    insecureSkipTlsVerify: options.insecureSkipTlsVerify === true,
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
  })
}
