// Which images a command copies: named one by one, in a list, or in plans.

import { ChartferryError, isChartferryError, type Naming, parseMode, parseTarget } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import { formatReference, namingOf, parseReference } from '@chartferry/core/oci'
import type { ImagePair } from '@chartferry/core/transfer'
import { readLines } from './read-lines.ts'
import { readText } from './read-text.ts'

/** What gives images their names. */
export type Names = Pick<Naming, 'rename'>

/** The images of references, each with its name at the target. Throws REFERENCE_INVALID. */
export function pairsOf(references: readonly string[], naming: Names | undefined): readonly ImagePair[] {
  return references.map((text) => {
    if (naming === undefined)
      throw new ChartferryError('USAGE', `nothing says where ${text} goes`, { hint: 'Give the registry with --to.' })
    return { from: text, to: formatReference(naming.rename(parseReference(text))) }
  })
}

/**
 * A file with an image a line, and its new name behind it where --to does not make one; `#` begins a remark. Throws
 * REFERENCE_INVALID with the line.
 */
export async function readImageList(file: string, naming: Names | undefined): Promise<readonly ImagePair[]> {
  const text = await readText(file, 'list of images')
  return readLines(file, text, ([from = '', to, ...rest]) => {
    if (rest.length > 0)
      throw new ChartferryError('REFERENCE_INVALID', `more than an image and its new name: ${rest.join(' ')}`)
    return to === undefined ? pairsOf([from], naming) : [{ from, to: formatReference(parseReference(to)) }]
  })
}

/**
 * The images of a plan, or of several in one file, as `relocate --save-plan` writes them; to another target where one
 * is given. Throws PLAN_INVALID.
 */
export async function readPlanImages(file: string, naming: Naming | undefined): Promise<readonly ImagePair[]> {
  const invalid = (why: string): ChartferryError => new ChartferryError('PLAN_INVALID', `${file}: ${why}`)
  let document: unknown
  try {
    document = JSON.parse(await readText(file, 'plan'))
  } catch (cause) {
    if (isChartferryError(cause)) throw cause
    throw invalid(messageOf(cause))
  }
  return (Array.isArray(document) ? document : [document]).flatMap((plan: { readonly images?: unknown } | null) => {
    if (!Array.isArray(plan?.images)) throw invalid('there is no list of images')
    return plan.images.map(
      (image: { readonly from?: unknown; readonly to?: unknown; readonly rendered?: unknown } | null) => {
        const { from, to, rendered } = image ?? {}
        if (typeof from !== 'string' || typeof to !== 'string') throw invalid('an image has no names')
        const optional = rendered === false
        return naming === undefined
          ? { from, to, optional }
          : { from, to: formatReference(naming.rename(parseReference(from))), optional }
      },
    )
  })
}

/**
 * The names at the target of `--to`, where it was given. Throws REFERENCE_INVALID, RULE_INVALID for a mode that is
 * none.
 */
export function namesAt(to: string | undefined, mode: string | undefined): Naming | undefined {
  return to === undefined ? undefined : namingOf(parseTarget(to), parseMode(mode))
}
