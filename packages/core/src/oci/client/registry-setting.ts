// How registries are reached where their names do not say so. The same shape stands behind `registries:` in
// chartferry.yaml and in the server's configuration, and behind what is read of registries.conf and hosts.toml.
import type { Credential } from '../http/credentials.ts'

/** How a connection is made, and who we are there. */
export interface RegistryAccess {
  /** Whether http is spoken. Default: https, and what answers for this machine's own addresses. */
  readonly plainHttp?: boolean | undefined
  /** Whether http is tried where no https is spoken. Default: for this machine's own addresses alone. */
  readonly httpAllowed?: boolean | undefined
  /** Certificates (PEM) to trust beside the system's. Default: none. */
  readonly ca?: string | undefined
  /** Our own certificate and its key (PEM). Default: none. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** Believe any certificate. Default: false. */
  readonly insecureSkipTlsVerify?: boolean | undefined
  /** Default: the one that the credential source has for the host. */
  readonly credential?: Credential | undefined
  /** Hosts of token services that may see the credentials. Default: those of the registry's own domain. */
  readonly trustedRealms?: readonly string[] | undefined
}

/** A place that is asked before the registry itself. */
export interface RegistryMirror extends RegistryAccess {
  /** `host[:port][/path]`, put in the place of the prefix. */
  readonly location: string
  /** What is asked for there: everything, or by digest or by tag alone. Default: everything. */
  readonly pulls?: 'digest' | 'tag' | undefined
}

/**
 * How one registry, or a path of it, is reached. In files it reads:
 *
 *     registries:
 *       quay.io:                        # or quay.io/team, or *.example.com; the longest that fits counts
 *         mirrors: [mirror.corp/quay]   # or {location: …, plainHttp: true, …}
 *         location: registry.corp/quay  # where it really is
 *         blocked: true                 # mirrors or nothing
 *         pushTo: push.corp:5001        # what is pushed goes there
 *         plainHttp: true
 *         caFile: ca.pem                # certFile, keyFile, insecureSkipTlsVerify
 *         username: me                  # passwordFile, or password
 *         trustRealms: [gitlab.corp]
 */
export interface RegistrySetting extends RegistryAccess {
  /** `host[:port][/path]` as references name it, or `*.domain` for every host below a domain. */
  readonly prefix: string
  readonly mirrors?: readonly RegistryMirror[] | undefined
  /** Where it really is, `host[:port][/path]`. Default: where its name says. */
  readonly location?: string | undefined
  /** Whether nothing but its mirrors is asked. Default: false. */
  readonly blocked?: boolean | undefined
  /** Where what is pushed goes, `host[:port][/path]`. Default: where it is read. */
  readonly pushTo?: string | undefined
}

/** One address of a repository. */
export interface RepositoryPlace {
  readonly host: string
  readonly path: string
  readonly access: RegistryAccess
  readonly pulls?: 'digest' | 'tag' | undefined
}

/** Where one repository is read and written. */
export interface RepositoryPlaces {
  /** In the order in which they are asked. */
  readonly read: readonly RepositoryPlace[]
  readonly push: RepositoryPlace
}

/** The places of a repository, `host` and `path`, by the setting whose prefix is the longest that fits. */
export function placesOf(settings: readonly RegistrySetting[], host: string, path: string): RepositoryPlaces {
  const own: RepositoryPlace = { host, path, access: {} }
  const name = `${host}/${path}`
  const setting = settings
    .filter(({ prefix }) => fits(prefix, host, name))
    .reduce<RegistrySetting | undefined>(
      (best, next) => (best === undefined || next.prefix.length > best.prefix.length ? next : best),
      undefined,
    )
  if (setting === undefined) return { read: [own], push: own }
  const rest = setting.prefix.startsWith('*.') ? `/${path}` : name.slice(setting.prefix.length)
  const {
    prefix: _prefix,
    mirrors: _mirrors,
    location: _location,
    blocked: _blocked,
    pushTo: _pushTo,
    ...access
  } = setting
  const at = (location: string | undefined, by: RegistryAccess): RepositoryPlace =>
    location === undefined ? { ...own, access: by } : { ...split(`${location}${rest}`), access: by }
  const main = at(setting.location, access)
  const mirrors = (setting.mirrors ?? []).map(({ location, pulls, ...by }) => ({ ...at(location, by), pulls }))
  return {
    read: setting.blocked === true ? mirrors : [...mirrors, main],
    push: setting.pushTo === undefined ? main : at(setting.pushTo, access),
  }
}

function fits(prefix: string, host: string, name: string): boolean {
  if (prefix.startsWith('*.')) return host.replace(/:\d+$/, '').endsWith(prefix.slice(1))
  return name === prefix || name.startsWith(`${prefix}/`)
}

function split(name: string): { readonly host: string; readonly path: string } {
  const slash = name.indexOf('/')
  return { host: name.slice(0, slash), path: name.slice(slash + 1) }
}
