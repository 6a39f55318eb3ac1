// Package place names places in source files so that terminals and editors can open them: by the path relative to the
// working directory, as the compiler and go vet do.
package place

import (
	"os"
	"path/filepath"
	"strconv"
)

// dir is the working directory in which the process was started, "" if it is not known. A test that changes directory
// does not change where those who read its output stand.
var dir = func() string {
	wd, err := os.Getwd()
	if err != nil {
		return ""
	}
	return wd
}()

// Of returns the place of a line of a file, such as "bank_test.go:12" or "../bank/bank.go:12".
func Of(file string, line int) string { return Path(file) + ":" + strconv.Itoa(line) }

// Path returns the path of a file relative to the working directory if that is shorter than the absolute path. A path
// that is not absolute, as in programs built with -trimpath, is returned as it is.
func Path(file string) string { return pathFrom(dir, file) }

func pathFrom(wd, file string) string {
	path := filepath.FromSlash(file) // as runtime.Frame has it, with slashes everywhere
	if wd == "" || !filepath.IsAbs(path) {
		return file
	}
	rel, err := filepath.Rel(wd, path)
	if err != nil || len(rel) >= len(path) {
		return path
	}
	return rel
}
