// What the name of a key, a flag or a variable says of its value, by the conventions of the field.

/** `image`, `sidecarImage`, `RELATED_IMAGE_WEB`, `--helper-image`, `container_image_base`, `scanner.dbRepository`. */
const image = /image|repository$/i
/** What is spoken of with images and is none of them. */
const besideImages =
  /pull-?_?(?:policy|secrets?)$|image-?_?(?:tag|version|digest|sha|id|size|format|type|width|height)$/i

/** A registry, with or without a path: `REGISTRY`, `DATABASE_REPO_URL`, `container-registry`, `hub`, `imageBase`. */
const registry = /registry|repo(?!rt|lic|sitory$)|hub(?![-_.]?app)|mirror|url$|image[-_.]?(?:base|prefix)/i
/** What speaks of registries without saying where images come from. */
const besideRegistries =
  /cred|secret|auth|login|insecure|git|helm|chart|oidc|issuer|docs?$|homepage|policy|server|allow|trust|polic|token|user|pass|name$/i
/** How the unqualified names of other people's images are read: a setting of a policy, and no image of the chart. */
const othersDefault = /default[-_.]?(?:image[-_.]?)?registry$/i

/** Whether a name says that an image follows. */
export const saysImage = (name: string): boolean => image.test(name) && !besideImages.test(name)

/** Whether a name says that a registry follows. */
export const saysRegistry = (name: string): boolean => registry.test(name) && !besideRegistries.test(name)

/** Whether a name says how the unqualified names of other people's images are read. */
export const saysOthersDefault = (name: string): boolean => othersDefault.test(name)

/** A key of YAML or JSON, a variable or a flag, right before its value. */
const settingBefore = /(?:^|[\s,;{([&"'`\\-])([A-Za-z][\w.-]*)["']?(?:[ \t]*(?:[:=]|=>)[ \t]*|[ \t]+)["'[{(]?$/

/** The name of what follows in a line, where it is a setting; empty where it is not. */
export function nameBefore(line: string): string {
  const found = settingBefore.exec(line)
  if (found === null) return ''
  const name = found[1] ?? ''
  // A word before a blank is a name where it is a flag; in a sentence it is a word.
  const isFlag = line.charAt(found.index + found[0].indexOf(name) - 1) === '-'
  return /[:=>]["'[{( \t]*$/.test(line) || isFlag ? name : ''
}
