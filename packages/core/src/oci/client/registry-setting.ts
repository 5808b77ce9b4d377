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
 *         username: me                  # passwordFile, or password; or token, tokenFile alone
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

/**
 * The settings with what is said elsewhere of one host laid over them: its access counts, its mirrors are asked before
 * theirs. What it leaves out stays as it was.
 */
export function settingsWith(
  settings: readonly RegistrySetting[],
  host: string,
  { mirrors = [], ...access }: RegistryAccess & Pick<RegistrySetting, 'mirrors'>,
): readonly RegistrySetting[] {
  const given = Object.fromEntries(Object.entries(access).filter(([, value]) => value !== undefined))
  const ofDomain = settings
    .filter(({ prefix }) => prefix.startsWith('*.') && fits(prefix, host, host))
    .toSorted((a, b) => b.prefix.length - a.prefix.length)
  const whole = settings.find(({ prefix }) => prefix === host) ?? ofDomain[0]
  const below = settings.filter(({ prefix }) => prefix.startsWith(`${host}/`))
  return [{ ...whole, prefix: host }, ...below].map((setting) => ({
    ...setting,
    ...given,
    mirrors: [
      ...mirrors.map((mirror) => ({ ...mirror, location: `${mirror.location}${setting.prefix.slice(host.length)}` })),
      ...(setting.mirrors ?? []),
    ],
  }))
}

/** The settings without what proves who we are: for registries that somebody else names. */
export function withoutCredentials(settings: readonly RegistrySetting[]): readonly RegistrySetting[] {
  const bare = <Access extends RegistryAccess>({ credential: _c, cert: _d, key: _k, ...rest }: Access) => rest
  return settings.map(({ mirrors, ...setting }) => ({
    ...bare(setting),
    ...(mirrors === undefined ? {} : { mirrors: mirrors.map(bare) }),
  }))
}

/** `host[:port]` of every place that the settings lead to, and of the token services that they trust. */
export function hostsOf(settings: readonly RegistrySetting[]): readonly string[] {
  const hostOf = (place: string): string => place.split('/')[0] ?? place
  return settings.flatMap(({ location, mirrors = [], trustedRealms = [] }) => [
    ...(location === undefined ? [] : [hostOf(location)]),
    ...mirrors.flatMap((mirror) => [hostOf(mirror.location), ...(mirror.trustedRealms ?? [])]),
    ...trustedRealms,
  ])
}

function fits(prefix: string, host: string, name: string): boolean {
  if (prefix.startsWith('*.')) return host.replace(/:\d+$/, '').endsWith(prefix.slice(1))
  return name === prefix || name.startsWith(`${prefix}/`)
}

function split(name: string): { readonly host: string; readonly path: string } {
  const slash = name.indexOf('/')
  return { host: name.slice(0, slash), path: name.slice(slash + 1) }
}
