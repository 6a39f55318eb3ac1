package caller

import (
	"reflect"
	"runtime"
	"strings"
)

type anchor struct{}

// library is the import path of package sync2.
var library = strings.TrimSuffix(reflect.TypeFor[anchor]().PkgPath(), "/internal/caller")

// InLibrary reports whether f is in package sync2 or one below it, or in the runtime. Tests there are programs like any
// other.
func InLibrary(f runtime.Frame) bool {
	if strings.HasSuffix(f.File, "_test.go") {
		return false
	}
	rest, ok := strings.CutPrefix(f.Function, library)
	return ok && (strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "/")) || strings.HasPrefix(f.Function, "runtime.")
}
