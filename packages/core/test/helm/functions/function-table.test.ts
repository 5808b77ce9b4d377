import { describe, expect, it } from 'vitest'
import { functionTable } from '../../../src/helm/functions/function-table.ts'

// What sprig 3.3 and Helm declare, without what belongs to the engine: fail, include, lookup, required, tpl.
const names = `abbrev abbrevboth add add1 add1f addf adler32sum ago all any append atoi b32dec b32enc b64dec b64enc base
  bcrypt biggest buildCustomCert camelcase cat ceil chunk clean coalesce compact concat contains date dateInZone dateModify
  date_in_zone date_modify decryptAES deepCopy deepEqual default derivePassword dict dig dir div divf duration durationRound
  empty encryptAES ext first float64 floor fromJson fromJsonArray fromToml fromYaml fromYamlArray genCA genCAWithKey
  genPrivateKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey get getHostByName has hasKey
  hasPrefix hasSuffix hello htmlDate htmlDateInZone htpasswd indent initial initials int int64 isAbs join kebabcase keys kindIs
  kindOf last list lower max maxf merge mergeOverwrite min minf mod mul mulf mustAppend mustChunk mustCompact mustDateModify
  mustDeepCopy mustFirst mustFromJson mustHas mustInitial mustLast mustMerge mustMergeOverwrite mustPrepend mustPush
  mustRegexFind mustRegexFindAll mustRegexMatch mustRegexReplaceAll mustRegexReplaceAllLiteral mustRegexSplit mustRest
  mustReverse mustSlice mustToDate mustToJson mustToPrettyJson mustToRawJson mustUniq mustWithout must_date_modify nindent
  nospace now omit osBase osClean osDir osExt osIsAbs pick pluck plural prepend push quote randAlpha randAlphaNum randAscii
  randBytes randInt randNumeric regexFind regexFindAll regexMatch regexQuoteMeta regexReplaceAll regexReplaceAllLiteral
  regexSplit repeat replace rest reverse round semver semverCompare seq set sha1sum sha256sum sha512sum shuffle slice snakecase
  sortAlpha split splitList splitn squote sub subf substr swapcase ternary title toDate toDecimal toJson toPrettyJson toRawJson
  toString toStrings toToml toYaml toYamlPretty trim trimAll trimPrefix trimSuffix trimall trunc tuple typeIs typeIsLike typeOf
  uniq unixEpoch unset until untilStep untitle upper urlJoin urlParse uuidv4 values without wrap wrapWith`.split(/\s+/)
const names4 = `durationDays durationHours durationMicroseconds durationMilliseconds durationMinutes durationNanoseconds
  durationRoundTo durationSeconds durationTruncateTo durationWeeks mustToDuration mustToToml mustToYaml`.split(/\s+/)

describe('functionTable', () => {
  it('has every function of Helm 3 and no other', () => {
    expect([...functionTable(3).keys()].sort()).toEqual([...names].sort())
  })

  it('has what Helm 4 adds', () => {
    expect([...functionTable(4).keys()].sort()).toEqual([...names, ...names4].sort())
  })

  it('marks what differs from one rendering to the next', () => {
    const volatile = [...functionTable(3).values()].filter((fn) => fn.volatile).map((fn) => fn.name)
    expect(volatile.sort()).toEqual(
      `ago bcrypt encryptAES genCA genCAWithKey genPrivateKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert
       genSignedCertWithKey htpasswd now randAlpha randAlphaNum randAscii randBytes randInt randNumeric shuffle uuidv4`.split(
        /\s+/,
      ),
    )
  })
})
