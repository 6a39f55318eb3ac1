package scenarios

import "embed"

// Source holds the source files of this package, for programs that show where a scenario is.
//
//go:embed *.go
var Source embed.FS
