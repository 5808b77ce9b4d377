// All functions that a template can call besides those of text/template and of Helm's engine: sprig's and Helm's.
import type { GoFunction } from '../template/value.ts'
import { caseFunctions } from './case.ts'
import { certificateFunctions } from './certificates.ts'
import { dateFunctions, dateFunctions4 } from './dates.ts'
import { defaultFunctions } from './defaults.ts'
import { encodingFunctions } from './encoding.ts'
import { formatFunctions, formatFunctions4 } from './formats.ts'
import { hashFunctions } from './hashes.ts'
import { listFunctions } from './lists.ts'
import { mapFunctions } from './maps.ts'
import { numberFunctions } from './numbers.ts'
import { pathFunctions } from './paths.ts'
import { randomFunctions } from './random.ts'
import { reflectionFunctions } from './reflection.ts'
import { regexFunctions } from './regex.ts'
import { semverFunctions } from './semver.ts'
import { stringFunctions } from './strings.ts'
import { urlFunctions } from './urls.ts'
import { wrapFunctions } from './wrap.ts'

const shared: readonly GoFunction[] = [
  ...stringFunctions,
  ...caseFunctions,
  ...wrapFunctions,
  ...defaultFunctions,
  ...listFunctions,
  ...mapFunctions,
  ...numberFunctions,
  ...reflectionFunctions,
  ...encodingFunctions,
  ...formatFunctions,
  ...regexFunctions,
  ...semverFunctions,
  ...pathFunctions,
  ...hashFunctions,
  ...randomFunctions,
  ...urlFunctions,
  ...dateFunctions,
  ...certificateFunctions,
]

const tables = {
  3: new Map(shared.map((fn) => [fn.name, fn])),
  4: new Map([...shared, ...formatFunctions4, ...dateFunctions4].map((fn) => [fn.name, fn])),
} as const

/** The functions by name, for a major version of Helm. */
export const functionTable = (helm: 3 | 4): ReadonlyMap<string, GoFunction> => tables[helm]
