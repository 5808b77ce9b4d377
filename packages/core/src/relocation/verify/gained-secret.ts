// Recognises the one change that an image pull secret makes: it is in a list of them where it was not before.
import type { Difference } from '../../helm/render/output/diff-documents.ts'

/** Whether a value is a list of pull secrets that has one more: this one, once. */
export function gainedSecret({ path, before, after }: Difference, secret: string): boolean {
  if (path.at(-1) !== 'imagePullSecrets' || !Array.isArray(after) || !(before === undefined || Array.isArray(before)))
    return false
  const others = after.filter((item) => !isSecret(item, secret))
  return others.length === after.length - 1 && JSON.stringify(others) === JSON.stringify(before ?? [])
}

function isSecret(item: unknown, secret: string): boolean {
  return typeof item === 'object' && item !== null && 'name' in item && item.name === secret
}
