// Certificates for tests, signed by themselves.
import { generateKeyPairSync } from 'node:crypto'
import { createCertificate } from '../../packages/core/src/helm/functions/certificate/x509.ts'

export interface Certificate {
  /** PEM. */
  readonly cert: string
  readonly key: string
}

/** A certificate for a name and for 127.0.0.1, good for two days. */
export function selfSigned(name: string): Certificate {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const request = {
    commonName: name,
    names: [name],
    addresses: ['127.0.0.1'],
    notBefore: new Date(Date.now() - 60_000),
    days: 2,
    isAuthority: true,
  }
  return {
    cert: createCertificate(request, privateKey, { key: privateKey }),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
