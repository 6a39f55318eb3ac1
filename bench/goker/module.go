package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// where the programs are in a GOROOT.
const where = "src/runtime/testdata/testgoroutineleakprofile/goker"

// A change is made to the text of a program's file before it is written.
type change func(p *program, text string) (string, error)

// unmodified leaves a program as it is.
func unmodified(_ *program, text string) (string, error) { return text, nil }

// write writes a package with the given programs, and a test for each. The programs call one another nowhere, so that
// they can be in one package, as they are in GOROOT.
func write(dir, goroot string, ps []program, change change, test string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	main, err := os.ReadFile(filepath.Join(goroot, where, "main.go"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), main, 0o644); err != nil {
		return err
	}
	var tests bytes.Buffer
	tests.WriteString(test)
	for i := range ps {
		p := &ps[i]
		text, err := os.ReadFile(filepath.Join(goroot, where, p.file))
		if err != nil {
			return err
		}
		changed, err := change(p, string(text))
		if err != nil {
			return fmt.Errorf("%s: %w", p.file, err)
		}
		if err := os.WriteFile(filepath.Join(dir, p.file), []byte(changed), 0o644); err != nil {
			return err
		}
		fmt.Fprintf(&tests, "\nfunc Test%s(t *testing.T) { run(t, %[1]q) }\n", p.name)
	}
	return os.WriteFile(filepath.Join(dir, "goker_test.go"), tests.Bytes(), 0o644)
}

// profile makes the profile that each program writes at its end. It is there only in an experiment; an empty one will do,
// since it is not what finds the leak here.
const profile = `
func init() {
	if pprof.Lookup("goroutineleak") == nil {
		pprof.NewProfile("goroutineleak")
	}
}
`

// plainTest calls a program as its main function does.
const plainTest = `package main

import (
	"runtime/pprof"
	"testing"
)
` + profile + `
func run(_ *testing.T, name string) { cmds[name]() }
`

const goleakTest = `package main

import (
	"runtime/pprof"
	"testing"

	"go.uber.org/goleak"
)
` + profile + `
func run(t *testing.T, name string) {
	cmds[name]()
	goleak.VerifyNone(t)
}
`

// A lock that is waited for so long is a deadlock to go-deadlock, which then ends the process.
const deadlockTest = `package main

import (
	"runtime/pprof"
	"testing"
	"time"

	"github.com/sasha-s/go-deadlock"
)
` + profile + `
func run(_ *testing.T, name string) {
	deadlock.Opts.DeadlockTimeout = 500 * time.Millisecond
	cmds[name]()
	time.Sleep(time.Second)
}
`

// goDeadlock makes a program use go-deadlock's locks. Its function NewCond returns a condition of the standard library.
func goDeadlock(_ *program, text string) (string, error) {
	imports := `sync "github.com/sasha-s/go-deadlock"`
	if strings.Contains(text, "sync.Cond") {
		text = strings.ReplaceAll(text, "sync.Cond", "std.Cond")
		imports += "\n\tstd \"sync\""
	}
	return strings.Replace(text, `"sync"`, imports, 1), nil
}

// copies is the loop in which most programs start many copies of what may fail.
var copies = regexp.MustCompile(`(?m)^(\tfor i := 0; i) <=? \d\d+; i\+\+ \{$`)

// oneCopy makes a program start one copy of what may fail.
func oneCopy(p *program, text string) (string, error) {
	begin := strings.Index(text, "func "+p.name+"() {")
	if begin < 0 {
		return "", fmt.Errorf("it has no function %s", p.name)
	}
	return text[:begin] + copies.ReplaceAllString(text[begin:], "$1 < 1; i++ {"), nil
}

// module writes the go.mod of the module of all these packages.
func module(dir string) error {
	return os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module goker\n\ngo 1.26\n"), 0o644)
}
