// Certificates for tests, signed by themselves.
import { execFileSync } from 'node:child_process'

export interface Certificate {
  /** PEM. */
  readonly cert: string
  readonly key: string
}

/** A certificate for a name and for 127.0.0.1, good for two days. */
export function selfSigned(name: string): Certificate {
  const text = execFileSync(
    'openssl',
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${name} -addext subjectAltName=DNS:${name},IP:127.0.0.1 -keyout - -out -`.split(
      ' ',
    ),
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const block = (kind: string): string =>
    new RegExp(`-----BEGIN ${kind}-----[\\s\\S]+?-----END ${kind}-----\\n`).exec(text)?.[0] ?? ''
  return { cert: block('CERTIFICATE'), key: block('PRIVATE KEY') }
}
