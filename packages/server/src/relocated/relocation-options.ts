// What a relocation depends on beside the archive, as one digest: equal ones give equal archives, whoever makes them.
import { type Digest, digestOf, type RenderValues } from '@chartferry/core'
import { digestHex } from '@chartferry/core/internal'
import type { RelocationConfig } from '../config/relocation-config.ts'

/** The options by which the charts of one name are relocated. */
export interface RelocationOptions {
  /** 64 hexadecimal digits; the first of them stand in paths. */
  readonly id: string
  readonly config: RelocationConfig
  readonly values: RenderValues
}

/** The options of one repository: for charts with values of their own, and for all others. */
export interface RelocationSet {
  of(chart: string): RelocationOptions
  /** By what begins a path; undefined for those of other rules than these. */
  at(folder: string): RelocationOptions | undefined
  readonly all: readonly RelocationOptions[]
}

/** Another number means that equal settings give other bytes than before. */
const form = 1

/** Takes a configuration that was read. */
export function relocationSet(config: RelocationConfig): RelocationSet {
  const plain = optionsOf(config, {})
  const own = new Map([...config.values].map(([chart, file]) => [chart, optionsOf(config, { files: [file] })] as const))
  const all = [plain, ...own.values()]
  const byFolder = new Map(all.map((options) => [folderOf(options), options]))
  return { of: (chart) => own.get(chart) ?? plain, at: (folder) => byFolder.get(folder), all }
}

/** What begins the paths of archives that were made by these options. */
export function folderOf({ id }: RelocationOptions): string {
  return id.slice(0, 12)
}

function optionsOf(config: RelocationConfig, values: RenderValues): RelocationOptions {
  const { to, mode, rules, images, platforms, unproven, sign } = config
  const texts = values.files?.map(({ text }) => text)
  const key: Digest | undefined = sign && digestOf(sign.data)
  const said = JSON.stringify([form, to, mode, rules, texts, images, platforms, unproven, key])
  return { id: digestHex(digestOf(said)), config, values }
}
