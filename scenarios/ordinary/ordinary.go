// Package ordinary holds lessons in ordinary Go: channels, select, contexts and package sync, without package sync2.
//
// Each [Lesson] is an ordinary test file. "turnstile test" explores it like any other, since it builds it with a patched
// standard library; nothing in the file itself refers to that. The package also holds a recording of each lesson, which
// can be played where Go is not installed.
package ordinary

import (
	"bytes"
	"compress/gzip"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// Module is the module path of the unpacked lessons.
const Module = "example.com/ordinary"

// A Lesson is a test in a file of its own, or one of the two in a file with a bug and its fix. It is listed like a scenario,
// but has no Run.
type Lesson struct {
	scenarios.Scenario

	Dir  string // the directory of its file, below the module
	Test string // the name of the test
	Made []int  // the first choices of the schedule that is shown, which fails if there is a bug; the rest are the defaults
}

// All returns the lessons in the order in which they are best read. Callers must not change them.
func All() []*Lesson { return lessons }

// Find returns the lesson with the given name, or nil if there is none.
func Find(name string) *Lesson {
	for _, l := range lessons {
		if l.Name == name {
			return l
		}
	}
	return nil
}

// Package returns the import path of the lesson's package.
func (l *Lesson) Package() string { return path.Join(Module, l.Dir) }

// files holds the lessons' files, and recordings a trace of each.
//
//go:embed testdata
var files embed.FS

// Unpack writes the lessons' module into the directory dir, which it creates.
func Unpack(dir string) error {
	sources, err := fs.Sub(files, "testdata/lessons")
	if err != nil {
		return err // it names the directory
	}
	if err := os.CopyFS(dir, sources); err != nil {
		return err // it names the file
	}
	return os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module "+Module+"\n\ngo 1.26\n"), 0o600) // likewise
}

// Recording returns a trace of the lesson, of a failing schedule if the lesson has a bug.
func (l *Lesson) Recording(ctx context.Context) ([]trace.Event, error) {
	text, err := files.ReadFile("testdata/recordings/" + l.Name + ".jsonl.gz")
	if err != nil {
		return nil, err // it names the file
	}
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("the recording of %s: %w", l.Name, err)
	}
	events, err := tracefile.Read(ctx, z)
	if err != nil {
		return nil, fmt.Errorf("the recording of %s: %w", l.Name, err)
	}
	return events, nil
}
