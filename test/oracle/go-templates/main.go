// Prints what Go's text/template makes of the templates on its standard input.
package main

import (
	"bytes"
	"encoding/json"
	"os"
	"text/template"
)

type asked struct {
	Data      any      `json:"data"`
	Templates []string `json:"templates"`
}

type answer struct {
	Output *string `json:"output,omitempty"`
	Error  *string `json:"error,omitempty"`
}

func run(text string, data any) answer {
	var out bytes.Buffer
	parsed, err := template.New("t.yaml").Option("missingkey=zero").Parse(text)
	if err == nil {
		err = parsed.Execute(&out, data)
	}
	if err != nil {
		message := err.Error()
		return answer{Error: &message}
	}
	output := out.String()
	return answer{Output: &output}
}

func main() {
	var in asked
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		panic(err)
	}
	answers := []answer{}
	for _, text := range in.Templates {
		answers = append(answers, run(text, in.Data))
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answers); err != nil {
		panic(err)
	}
}
