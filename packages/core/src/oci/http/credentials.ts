// Who we are to a host: a credential, and the port that finds it.

/** What a request proves itself with. */
export type Credential =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }

/** What a registry's token service takes in exchange for tokens; it proves nothing to the registry itself. */
export interface IdentityToken {
  readonly kind: 'identity'
  readonly token: string
}

/**
 * Port: knows the credential for a host (`registry.example.com:5000`), or for a path of it where they differ; undefined
 * where there is none.
 */
export interface CredentialSource {
  credentialFor(host: string, path?: string): Promise<Credential | IdentityToken | undefined>
}

/** The value of the Authorization header (RFC 7617, RFC 6750). */
export function authorizationOf(credential: Credential): string {
  if (credential.kind === 'bearer') return `Bearer ${credential.token}`
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`
}

/** Takes a URL apart from the user and password in it, which must reach no log and no other host. */
export function splitCredential(url: URL): { readonly url: URL; readonly credential: Credential | undefined } {
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  if (url.username === '' && url.password === '') return { url: bare, credential: undefined }
  const credential: Credential = {
    kind: 'basic',
    username: decoded(url.username),
    password: decoded(url.password),
  }
  return { url: bare, credential }
}

/** A `%` that encodes nothing stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
