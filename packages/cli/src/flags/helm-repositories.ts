// Reads the repositories that `helm repo add` has written.
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseYaml } from '@chartferry/core/helm'

/** One entry of repositories.yaml. */
export interface HelmRepository {
  readonly name: string
  readonly url: string
  readonly username?: string
  readonly password?: string
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
  readonly insecureSkipTlsVerify?: boolean
  readonly passCredentials?: boolean
}

/** The folder of Helm's configuration: HELM_CONFIG_HOME, else in the system's place for configuration. */
export function helmConfigHome(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const { HELM_CONFIG_HOME: helmHome, XDG_CONFIG_HOME: xdgHome, APPDATA: appData } = environment
  if (helmHome) return helmHome
  if (xdgHome) return join(xdgHome, 'helm')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Preferences', 'helm')
  if (platform === 'win32') return join(appData ?? homedir(), 'helm')
  return join(homedir(), '.config', 'helm')
}

/** Where Helm keeps the file: HELM_REPOSITORY_CONFIG, else in its configuration. */
export function repositoriesFile(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  return environment.HELM_REPOSITORY_CONFIG || join(helmConfigHome(environment, platform), 'repositories.yaml')
}

/** The repositories, none where Helm has no file. Throws YAML_INVALID. */
export async function readHelmRepositories(environment: NodeJS.ProcessEnv = process.env): Promise<{
  readonly file: string
  readonly repositories: readonly HelmRepository[]
}> {
  const file = repositoriesFile(environment)
  const text = await readFile(file, 'utf8').catch(() => '')
  const content = parseYaml(text, { where: file })
  const list = isMap(content) && Array.isArray(content.repositories) ? content.repositories : []
  return { file, repositories: list.filter(isMap).flatMap(readEntry) }
}

function readEntry(entry: Record<string, unknown>): readonly HelmRepository[] {
  const { name, url } = entry
  if (typeof name !== 'string' || typeof url !== 'string') return []
  const text = (key: string): string | undefined =>
    typeof entry[key] === 'string' && entry[key] !== '' ? entry[key] : undefined
  const optional = {
    username: text('username'),
    password: text('password'),
    caFile: text('caFile'),
    certFile: text('certFile'),
    keyFile: text('keyFile'),
  }
  return [
    {
      name,
      url,
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
      insecureSkipTlsVerify: entry.insecure_skip_tls_verify === true,
      passCredentials: entry.pass_credentials_all === true,
    },
  ]
}

function isMap(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node)
}
