// What pages are made from: the same parts that the API answers from, and what only people look at.
import type { Access } from '../auth/access.ts'
import type { Authenticator } from '../auth/authenticator.ts'
import type { Sessions } from '../auth/sessions.ts'
import type { ImageCatalog } from '../images/image-catalog.ts'
import type { Quarantine } from '../quarantine/with-quarantine.ts'
import type { Relocations } from '../relocated/relocated-repository.ts'
import type { ChartContents } from '../repository/chart-contents.ts'
import type { ChartImages } from '../repository/chart-images.ts'
import type { ChartRepository } from '../repository/chart-repository.ts'
import type { Downloads } from '../repository/downloads.ts'
import type { ChartApiOptions } from '../routes/chart-api.ts'

export interface PageOptions {
  readonly charts: ChartRepository
  /** Says which of them a caller is shown. */
  readonly access: Access
  /** Repositories in the order in which they are shown. */
  readonly names: readonly string[]
  readonly version: string
  /** Finds the images of charts. */
  readonly images: ChartImages
  /** Opens archives. */
  readonly contents: ChartContents
  /** Undefined: the URL of the request. */
  readonly publicUrl: string | undefined
  readonly quarantine: Pick<Quarantine, 'list'>
  /** Where charts are pushed to and deleted. Undefined: nowhere. */
  readonly chartApi?: (ChartApiOptions & { readonly isHosted: (repository: string) => boolean }) | undefined
  /** The image repositories that are here. Undefined: none ever. */
  readonly catalog?: ImageCatalog | undefined
  /** Repositories whose charts are relocated. Undefined: there are none. */
  readonly relocations?: Relocations | undefined
  /** How often archives were downloaded. Undefined: nobody counts. */
  readonly downloads?: Pick<Downloads, 'of'> | undefined
  /** Milliseconds since 1970. Default: the real time. */
  readonly now?: (() => number) | undefined
  /** How people sign in. Undefined: nobody is known here. */
  readonly signIn?: { readonly sessions: Sessions; readonly authenticator: Authenticator } | undefined
}
