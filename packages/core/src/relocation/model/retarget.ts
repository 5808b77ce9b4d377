// A plan for another registry, without rendering anything again. Pure.
import { formatReference, tryParseReference } from '../../reference/reference.ts'
import { formatTarget, isAtTarget, parseTarget, type Target } from '../../reference/target.ts'
import type { Plan, PlannedEdit, TextPart } from './plan.ts'

/** The same plan with all names below its target moved below another one; what rules sent elsewhere stays there. */
export function retarget(plan: Plan, to: Target): Plan {
  const from = parseTarget(plan.target)
  const move = (text: string): string => {
    const reference = tryParseReference(text)
    if (reference === undefined || !isAtTarget(reference, from)) return text
    const below = from.prefix === '' ? reference.path : reference.path.slice(from.prefix.length + 1)
    return formatReference({ ...reference, host: to.host, path: to.prefix === '' ? below : `${to.prefix}/${below}` })
  }
  return {
    ...plan,
    target: formatTarget(to),
    images: plan.images.map((image) => ({ ...image, to: move(image.to) })),
    edits: plan.edits.map((edit): PlannedEdit => ({ ...edit, new: movedParts(edit.new, to) })),
  }
}

/** Each host with the prefix behind it becomes the new ones. */
function movedParts(parts: readonly TextPart[], { host, prefix }: Target): readonly TextPart[] {
  return parts.flatMap((part): readonly TextPart[] => {
    if (part.kind === 'literal') return [part]
    if (part.kind === 'prefix') return []
    return [{ kind: 'host', text: host }, ...(prefix === '' ? [] : [{ kind: 'prefix', text: `/${prefix}` } as const])]
  })
}
