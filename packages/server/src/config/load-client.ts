// Reads how another server is reached: secrets and certificates.
import type { ClientDocument } from './client-schema.ts'
import type { ClientConfig } from './config.ts'
import { readCredential } from './load-credential.ts'
import type { Reading } from './reading.ts'

/** The settings of a client with their files. Faults are told to the reading. */
export async function readClient(document: ClientDocument, reading: Reading): Promise<ClientConfig> {
  const credential = await readCredential(document, reading)
  const pem = async (setting: 'caFile' | 'certFile' | 'keyFile'): Promise<string | undefined> => {
    const path = document[setting]
    return path === undefined ? undefined : reading.file(setting, path)
  }
  const [ca, cert, key] = [await pem('caFile'), await pem('certFile'), await pem('keyFile')]
  return {
    plainHttp: document.plainHttp,
    trustRealms: document.trustRealms,
    insecureSkipTlsVerify: document.insecureSkipTlsVerify,
    ...(credential === undefined ? {} : { credential }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}
