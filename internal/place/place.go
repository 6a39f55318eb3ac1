// Package place formats positions in source files so that terminals and editors can open them: with the path relative
// to the working directory, as the compiler and go vet do.
package place

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// dir is the working directory in which the process was started, "" if unknown. A test that changes directory does
// not change it for the reader of its output.
var dir = func() string {
	wd, err := os.Getwd()
	if err != nil {
		return ""
	}
	return wd
}()

// Of returns the position of a line of a file, such as "bank_test.go:12" or "../bank/bank.go:12".
func Of(file string, line int) string { return Path(file) + ":" + strconv.Itoa(line) }

// module is the path of a module, and root the directory that it is in.
var module, root string

// SetModule sets the directory of a module. Programs built with -trimpath refer to its files by the module's path.
func SetModule(path, dir string) { module, root = path, dir }

// OnDisk returns a path at which the file can be read, if one is known.
func OnDisk(file string) string {
	if rest, ok := strings.CutPrefix(file, module+"/"); ok && module != "" {
		return filepath.Join(root, filepath.FromSlash(rest))
	}
	return file
}

// scenario matches the path of a scenario's file in an installed turnstile: it is in the module cache, or begins with the
// module's path if turnstile was built with -trimpath. In a clone it does not match.
var scenario = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:.*/github\.com/turnstile-go/turnstile@[^/]+|github\.com/turnstile-go/turnstile(?:@[^/]+)?)/(scenarios/.*)`)
})

// Path returns the path of a file relative to the working directory if that is shorter than the absolute path. The path of a
// scenario of an installed turnstile is relative to its module, such as "scenarios/dishes.go". Any other path that is not
// absolute, as in programs built with -trimpath, is returned unchanged unless it is in the module given to [SetModule].
func Path(file string) string { return pathFrom(dir, OnDisk(file)) }

func pathFrom(wd, file string) string {
	if strings.Contains(file, "/turnstile-go/") { // the expression would take longer than everything else
		if m := scenario().FindStringSubmatch(file); m != nil {
			return m[1]
		}
	}
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
