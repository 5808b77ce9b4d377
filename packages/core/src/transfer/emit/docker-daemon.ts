// Docker's daemon.json: mirrors of Docker Hub, merged into the settings that are there.
import { ChartferryError } from '../../errors.ts'
import { dockerHub } from '../../reference/reference.ts'
import type { Emission } from './emission.ts'
import { isOwnAddress, type MirrorOptions, type MirrorTable, schemeOf } from './mirrors.ts'

/**
 * The file. Only Docker Hub can have mirrors, they have no path (a daemon before 28 does not start with one), and
 * Docker Hub is always asked when they fail: what cannot be said is named.
 */
export function daemonJson({ mirrors, others }: MirrorTable, options: MirrorOptions): Emission {
  const hub = mirrors.find(({ registry }) => registry === dockerHub)?.mirror
  const isUsable = hub !== undefined && hub.prefix === ''
  const notExpressed = [
    ...mirrors
      .filter((mirror) => mirror.registry !== dockerHub && !isOwnAddress(mirror))
      .map(({ registry }) => `${registry}: dockerd has mirrors of Docker Hub alone`),
    ...others.map(({ from }) => `${from.host}/${from.path}: dockerd finds no single repository elsewhere`),
    ...(hub === undefined || isUsable
      ? []
      : [`${dockerHub}: a mirror below a path (${hub.host}/${hub.prefix}) keeps dockerd before 28 from starting`]),
    ...(options.mirrorOnly === true && isUsable
      ? [`${dockerHub}: dockerd asks Docker Hub when the mirror fails; only the network can forbid that`]
      : []),
  ]
  const spokenTo = [...(isUsable ? [hub.host] : []), ...mirrors.filter(isOwnAddress).map(({ registry }) => registry)]
  const settings = {
    ...(isUsable ? { 'registry-mirrors': [`${schemeOf(options)}${hub.host}`] } : {}),
    ...(options.plainHttp === true && spokenTo.length > 0 ? { 'insecure-registries': [...new Set(spokenTo)] } : {}),
  }
  return { files: [{ path: 'daemon.json', text: textOf(settings) }], notExpressed }
}

/**
 * The text of an existing file with our settings: our mirrors come first, its own mirrors and everything else stay.
 * Throws CONFIG_INVALID for a text that is not a JSON object.
 */
export function mergeDaemonJson(existing: string, ours: string, where: string): string {
  const [theirs, added] = [parseSettings(existing, where), parseSettings(ours, where)]
  const merged: Record<string, unknown> = { ...theirs }
  for (const [key, value] of Object.entries(added)) {
    const own = theirs[key]
    if (own !== undefined && !Array.isArray(own))
      throw new ChartferryError('CONFIG_INVALID', `${where}: ${key} is no list`)
    const known: readonly unknown[] = own ?? []
    merged[key] = Array.isArray(value)
      ? [...value, ...known.filter((item) => !value.some((mine) => isSame(mine, item)))]
      : value
  }
  return textOf(merged)
}

const textOf = (settings: object): string => `${JSON.stringify(settings, null, 2)}\n`

const isSame = (a: unknown, b: unknown): boolean => String(a).replace(/\/$/, '') === String(b).replace(/\/$/, '')

function parseSettings(text: string, where: string): Readonly<Record<string, unknown>> {
  if (text.trim() === '') return {}
  let settings: unknown
  try {
    settings = JSON.parse(text)
  } catch (cause) {
    throw new ChartferryError('CONFIG_INVALID', `${where}: it is not JSON`, { cause })
  }
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) return { ...settings }
  throw new ChartferryError('CONFIG_INVALID', `${where}: it is not a JSON object`)
}
