// The order of the test files: while tools are being built, the files that need one come last.
import { readFileSync } from 'node:fs'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { areToolsComing } from './tools.ts'

const needsTool = (file: string): boolean => readFileSync(file, 'utf8').includes('describeWithTools(')

/** What vitest asks for the order. Otherwise it is its own: what failed last time comes first, then what takes longest. */
export class ToolsLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    if (!areToolsComing()) return sorted
    const waiting = new Set(sorted.filter(({ moduleId }) => needsTool(moduleId)))
    return [...sorted.filter((file) => !waiting.has(file)), ...waiting]
  }
}
