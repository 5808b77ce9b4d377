import { describe, expect, it } from 'vitest'
import { namingOf } from '../../../src/reference/naming.ts'
import { formatReference, parseReference } from '../../../src/reference/reference.ts'
import { parseTarget } from '../../../src/reference/target.ts'
import { namingByRules, parseRules } from '../../../src/relocation/model/rule.ts'

const text = `rules:
  - match: gcr.io/distroless/*
    keep: true
  - match: docker.io/bitnami/**
    to: reg.corp/bitnami
    mode: last
  - match: quay.io/acme/web
    name: reg.corp/special/site
  - match: "*.example.com/**"
    deny: not reviewed
`
const naming = namingByRules(parseRules(text, 'rules.yaml'), namingOf(parseTarget('reg.corp/m')))

describe('namingByRules', () => {
  it.each([
    ['keeps what a rule keeps', 'gcr.io/distroless/static:1', 'gcr.io/distroless/static:1'],
    ['stops a star at a slash', 'gcr.io/distroless/java/base:1', 'reg.corp/m/distroless/java/base:1'],
    ['sends images to a target of their own', 'bitnami/redis:7', 'reg.corp/bitnami/redis:7'],
    ['gives one image a name', 'quay.io/acme/web:1', 'reg.corp/special/site:1'],
    ['leaves all others to the target', 'quay.io/acme/db:1', 'reg.corp/m/acme/db:1'],
  ])('%s', (_, from, to) => {
    expect(formatReference(naming.rename(parseReference(from)))).toBe(to)
  })

  it('refuses what a rule denies, with its reason', () => {
    expect(() => naming.rename(parseReference('charts.example.com/a/b:1'))).toThrowError(
      expect.objectContaining({ code: 'IMAGE_DENIED', message: expect.stringContaining('not reviewed') }),
    )
  })

  it('renames no registry whose images rules tell apart', () => {
    expect([naming.renameRegistry('docker.io'), naming.renameRegistry('ghcr.io')]).toEqual([undefined, 'reg.corp/m'])
  })
})

describe('parseRules', () => {
  it('names all faults at once', () => {
    const faulty =
      'rules:\n  - keep: true\n  - {match: a, keep: true, deny: x}\n  - {match: a, to: "https://x"}\n  - {match: a, colour: red}\n  - 7\n'
    expect(() => parseRules(faulty, 'rules.yaml')).toThrowError(
      expect.objectContaining({
        code: 'RULE_INVALID',
        message: expect.stringMatching(/rule 1.*\n.*rule 2.*\n.*rule 3.*\n.*rule 4.*\n.*rule 5/s),
      }),
    )
  })

  it.each(['', 'rules: {}', '[]'])('refuses %j', (empty) => {
    expect(() => parseRules(empty, 'rules.yaml')).toThrowError(expect.objectContaining({ code: 'RULE_INVALID' }))
  })
})
