#!/usr/bin/env bash
# re2js 2.10.0, a port of RE2 for JavaScript, refuses two kinds of expression that Go's own regexp (the same RE2) takes.
#
# `[[:]` is a class of two characters, `[` and `:`. re2js looks for the end of a named class, `:]`, one character too early and finds the one that closes
# the class. And Go lets two groups of an expression have the same name, where re2js refuses the second. So an expression in a chart that helm
# renders can be an error in a tool that renders with re2js.
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund re2js@2.10.0 >/dev/null
cat > run.mjs <<'JS'
import { RE2JS } from 're2js'
for (const expression of ['[[:]', '(?P<n>a)(?P<n>b)']) {
  try {
    RE2JS.compile(expression)
    console.log(`${expression} taken`)
  } catch {
    console.log(`${expression} refused`)
  }
}
JS
cat > main.go <<'GO'
package main

import (
	"fmt"
	"regexp"
)

func main() {
	for _, expression := range []string{"[[:]", "(?P<n>a)(?P<n>b)"} {
		_, err := regexp.Compile(expression)
		fmt.Println(expression, map[bool]string{true: "taken", false: "refused"}[err == nil])
	}
}
GO
js=$(node run.mjs)
go=$(go run main.go)
printf 're2js:\n%s\nGo:\n%s\n' "$js" "$go"
# seen with re2js 2.10.0 and Go 1.26: refused twice, taken twice
[ "$(grep -c refused <<<"$js")" = 2 ] && [ "$(grep -c taken <<<"$go")" = 2 ]
