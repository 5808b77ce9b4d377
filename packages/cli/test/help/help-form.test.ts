// Help fits a screen, and the same flag means the same everywhere.
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/commands.ts'
import { describeOption, isCommon, optionsPage, pathOf } from '../../src/help/help-form.ts'
import { manPage } from '../../src/help/man-page.ts'
import { openProgram } from '../../src/main.ts'

async function allCommands(): Promise<readonly Command[]> {
  const programs = await Promise.all(
    commands.map(async ({ name }) => (await openProgram(name)).commands.find((one) => one.name() === name)),
  )
  return programs.flatMap((command) =>
    command === undefined ? [] : command.commands.length > 0 ? command.commands : [command],
  )
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
    getOutHelpWidth: () => 100,
  })
  command.outputHelp()
  return text
}

describe('help', async () => {
  const all = await allCommands()

  it.each(all.map((command) => [pathOf(command), command] as const))('of %s fits a screen', (name, command) => {
    const help = helpOf(command)
    // Formats of emit are a list of their own.
    expect(help.trim().split('\n').length).toBeLessThanOrEqual(name === 'emit' ? 70 : 50)
    expect(help).not.toContain('(default: [])')
    expect(help).toContain('Example:')
  })

  it('says how many words a flag takes in the same way in every command', () => {
    const forms = new Map<string, Set<string>>()
    for (const { options } of all)
      for (const { long = '', required, optional } of options) {
        const form = required ? 'a value' : optional ? 'maybe a value' : 'none'
        forms.set(long, (forms.get(long) ?? new Set()).add(form))
      }
    expect([...forms].filter(([, found]) => found.size > 1).map(([long]) => long)).toEqual([])
  })

  it('has every common option on the page of options', () => {
    const page = optionsPage(all, 100)
    for (const { options } of all)
      for (const option of options)
        if (isCommon(option) && !option.hidden && option.long !== '--help') expect(page).toContain(option.long ?? '')
    expect(page).toContain('CHARTFERRY_PLAIN_HTTP')
  })

  it('is a page of the manual, too', () => {
    for (const command of all) {
      const page = manPage(command, '0.1.0')
      expect(page).toMatch(/^\.TH CHARTFERRY/)
      for (const option of command.options)
        expect(page.replaceAll('\\-', '-')).toContain(describeOption(option).split('\n')[0]?.slice(0, 20))
    }
  })
})
