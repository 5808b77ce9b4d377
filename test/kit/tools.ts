// The real tools that tests run: found or built by scripts/tools.ts. What is missing is said aloud there; in CI it is a
// failure.
import { describe, expect, it } from 'vitest'
import { areToolsComing, awaitTool, locateTool, type ToolName } from '../../scripts/tools.ts'

/**
 * Declares tests that need tools, and waits for those that are being built. Where one is missing they are skipped, with
 * the reason in the name; with CI=true that fails.
 */
export function describeWithTools<Name extends ToolName>(
  title: string,
  names: readonly Name[],
  body: (paths: Readonly<Record<Name, string>>) => void,
): void {
  const found = names.map((name) => [name, locateTool(name)] as const)
  if (found.every(([, path]) => path !== undefined) || !areToolsComing()) {
    declare(title, found, body)
    return
  }
  describe(title, async () => {
    declare(
      'with tools just built',
      await Promise.all(names.map(async (name) => [name, await awaitTool(name)] as const)),
      body,
    )
  })
}

function declare<Name extends ToolName>(
  title: string,
  found: readonly (readonly [Name, string | undefined])[],
  body: (paths: Readonly<Record<Name, string>>) => void,
): void {
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => name)
  if (missing.length === 0) {
    describe(title, () => body(Object.fromEntries(found) as Record<Name, string>))
    return
  }
  const reason = `needs ${missing.join(' and ')}`
  if (process.env.CI === 'true') {
    it(`${title}: ${reason}`, () => expect(missing, 'no tool may be missing in CI').toEqual([]))
  } else {
    describe.skip(`${title} (${reason})`, () => {})
  }
}
