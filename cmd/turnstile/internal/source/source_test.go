package source

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// lineOf returns the number of the first line of text that has part in it.
func lineOf(t *testing.T, text, part string) string {
	t.Helper()
	i := strings.Index(text, part)
	if i < 0 {
		t.Fatalf("there is no %q", part)
	}
	return strconv.Itoa(1 + strings.Count(text[:i], "\n"))
}

// Lines are added from the program itself and from files; changed and missing files are reported.
func TestSources(t *testing.T) {
	const program = "package main\n\nfunc main() {\n\tm.Lock()\n}\n\nfunc other() {\n\tm.Lock()\n}\n"
	dir := t.TempDir()
	path := filepath.Join(dir, "cmd", "main.go")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	barrier, err := scenarios.Source.ReadFile("barrier.go")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	wait := "barrier.go:" + lineOf(t, string(barrier), "WaitContext(") + " scenarios.runBarrier.func1"
	later := time.Now().Add(time.Hour)
	for _, c := range []struct {
		name, text, verb string
		began            time.Time
		disk             bool
		want             string // part of the line
		changed          bool
	}{
		{"a scenario", wait, "WaitContext", later, false, "WaitContext(", false},
		{"a scenario of this module", wait + "\n/src/turnstile/scenarios/barrier.go", "WaitContext", later, false, "WaitContext(", false},
		{"a scenario of another version", wait, "Acquire", later, false, "WaitContext(", true},
		{"a package of that name", wait + "\n/src/x/barrier.go", "WaitContext", later, true, "", false},
		{"a file", "main.go:4 main.main\n" + path, "Lock", later, true, "m.Lock()", false},
		{"a file that was elsewhere", "main.go:4 main.main\n/build/x/cmd/main.go", "Lock", later, true, "m.Lock()", false},
		{"a file that may not be read", "main.go:4 main.main\n" + path, "Lock", later, false, "", false},
		{"a file that has changed", "main.go:4 main.main\n" + path, "Lock", time.Unix(1, 0), true, "m.Lock()", true},
		{"another function", "main.go:8 main.main\n" + path, "Lock", later, true, "m.Lock()", true},
		{"beyond the end", "main.go:80 main.main\n" + path, "Lock", later, true, "", false},
		{"a file that is not there", "gone.go:4 main.main\n/build/gone.go", "Lock", later, true, "", false},
		{"no source", "passwd:1 main.main\n/etc/passwd", "Lock", later, true, "", false},
		{"nothing", "hello", "Lock", later, true, "", false},
	} {
		events := []trace.Event{
			{Kind: trace.KindBegin, N: c.began.UnixNano()}, {Kind: trace.KindDefinePC, PC: 7, Text: c.text}, {Kind: trace.KindBlock, G: 1, Obj: 1, PC: 7, Text: c.verb},
		}
		New(c.disk).AddRecorded(events)
		tl := timeline.New(events...)
		src := tl.Now().SourceAt(7)
		got := ""
		if len(src.Lines) > 0 {
			got = src.Lines[src.At-src.First]
		}
		if c.want == "" && got != "" || !strings.Contains(got, c.want) || src.Changed != c.changed {
			t.Errorf("%s: %q, changed is %t; want %q, %t", c.name, got, src.Changed, c.want, c.changed)
		}
		if _, file, _ := strings.Cut(c.text, "\n"); c.want == "" && src.File != file {
			t.Errorf("%s: the file is %q, want %q", c.name, src.File, file)
		}
	}
}
