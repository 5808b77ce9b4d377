module chartferry/go-templates

go 1.22
