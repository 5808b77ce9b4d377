#!/usr/bin/env bash
# github.com/santhosh-tekuri/jsonschema 6.0.3, the library by which helm 3.22 and 4.3 hold values against values.schema.json.
#
# A name that breaks `propertyNames` is reported at the place of another value. The error keeps the slice in which the validator writes its path, not a
# copy. When the validator goes on to the next property, the path in the error changes with it. Here the only fault is a name inside `settings`.
# The message says that it is at `/zone`, a text that has no names at all. So `helm lint` and `helm template` send people to the wrong lines of values.yaml.
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
cat > go.mod <<'MOD'
module finding

go 1.22

require github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func parse(text string) any {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	compiler := jsonschema.NewCompiler()
	schema := `{"properties": {"settings": {"propertyNames": {"pattern": "^[a-z]+$"}}, "zone": {"type": "string"}}}`
	if err := compiler.AddResource("file:///values.schema.json", parse(schema)); err != nil {
		panic(err)
	}
	validator := compiler.MustCompile("file:///values.schema.json")
	values := parse(`{"settings": {"Upper": 1}, "zone": "a"}`)
	places := map[string]int{}
	// The order in which properties are visited is random, so the answer is, too.
	for range 200 {
		err := validator.Validate(values).(*jsonschema.ValidationError)
		places["/"+strings.Join(err.Causes[0].InstanceLocation, "/")]++
	}
	fmt.Println("at /settings, where the name is:", places["/settings"] > 0)
	fmt.Println("at /zone, which has no names:   ", places["/zone"] > 0)
}
GO
go mod tidy >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
# seen with 6.0.3: both lines true
[ "$seen" = 'at /settings, where the name is: true
at /zone, which has no names:    true' ]
