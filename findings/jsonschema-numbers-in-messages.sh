#!/usr/bin/env bash
# github.com/santhosh-tekuri/jsonschema 6.0.3, which helm 3.22 and 4.3 use: numbers in its messages are not written as in values.yaml.
#
# They go through an English number printer: 65536 is "65,536", and a million or more is "1×10⁰⁶", with superscript digits and a zero in front. So nobody finds
# the number of the message in the values file by searching, and a program that reads the bound from the message has to undo both. Lengths are
# grouped, too, but never get an exponent. With golang.org/x/text 0.14, the version in the library's own go.mod, it is "1 × 10⁰⁶", with blanks; helm takes v0.41.0. Numbers of `enum` and `const` are written as they are.
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
cat > go.mod <<'MOD'
module finding

go 1.22

require (
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
	golang.org/x/text v0.41.0
)
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func main() {
	for _, pair := range [][2]string{{`{"maximum": 100}`, "65536"}, {`{"maximum": 100}`, "1000000"}, {`{"minLength": 2000}`, `"x"`}, {`{"const": 65536}`, "1"}} {
		schema, _ := jsonschema.UnmarshalJSON(strings.NewReader(pair[0]))
		value, _ := jsonschema.UnmarshalJSON(strings.NewReader(pair[1]))
		compiler := jsonschema.NewCompiler()
		if err := compiler.AddResource("s.json", schema); err != nil {
			panic(err)
		}
		said := compiler.MustCompile("s.json").Validate(value).Error()
		fmt.Println(said[strings.LastIndex(said, "at '': ")+7:])
	}
}
GO
go mod tidy >/dev/null 2>&1 && go get golang.org/x/text@v0.41.0 >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
[ "$seen" = "maximum: got 65,536, want 100
maximum: got 1×10⁰⁶, want 100
minLength: got 1, want 2,000
value must be 65536" ]
