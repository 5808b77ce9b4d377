// Keeps a document that is the same in many scenarios once in memory: most documents are.

/** Gives one string for all that are the same. */
export type ShareTexts = (text: string) => string

/** A new one, which holds each text for as long as it lives itself. */
export function shareTexts(): ShareTexts {
  const texts = new Map<string, string>()
  return (text) => {
    const known = texts.get(text)
    if (known === undefined) texts.set(text, text)
    return known ?? text
  }
}
