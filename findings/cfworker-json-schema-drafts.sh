#!/usr/bin/env bash
# @cfworker/json-schema 4.1.6 takes a draft as an argument (`new Validator(schema, '4')`), and then holds values to keywords that this draft does not have.
#
# By the specifications, draft 4 has no `const`, `contains` or `if`, and draft 7 has no `dependentRequired` and no `unevaluatedProperties`: unknown keywords
# say nothing about a value. The validator knows the draft only for `$ref` and for `items`. Charts that carry such a keyword by mistake are installed by
# helm without a word, and are refused by a tool that checks their values with this library.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @cfworker/json-schema@4.1.6 >/dev/null
cat > run.mjs <<'JS'
import { Validator } from '@cfworker/json-schema'
const cases = [
  ['4', 'const', { properties: { a: { const: 2 } } }, { a: 1 }],
  ['4', 'if', { if: { required: ['a'] }, then: { required: ['b'] } }, { a: 1 }],
  ['7', 'dependentRequired', { dependentRequired: { a: ['b'] } }, { a: 1 }],
  ['7', 'unevaluatedProperties', { properties: { a: true }, unevaluatedProperties: false }, { a: 1, b: 2 }],
]
for (const [draft, keyword, schema, value] of cases)
  console.log(`draft ${draft}, ${keyword}: ${new Validator(schema, draft).validate(value).valid ? 'ignored' : 'refused'}`)
JS
seen=$(node run.mjs)
echo "$seen"
# seen with 4.1.6: all four refused
[ "$(grep -c ': refused$' <<<"$seen")" = 4 ]
