package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// hostile must not appear unescaped in any output: it has a control sequence, one that begins with a C1 control, a mark that
// changes the direction of writing, and invalid UTF-8.
const hostile = "\x1b[2J\u009b31m\u202e\xff\x00\a"

// harmless fails the test if out holds anything that a terminal would not print.
func harmless(t *testing.T, what, out string) {
	t.Helper()
	for _, r := range out {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			t.Errorf("%s: %U in %.300q", what, r, out)
			return
		}
	}
}

// No part of a command line reaches the terminal as it is.
func TestHostileArguments(t *testing.T) {
	x := hostile
	for _, line := range []string{
		x, "run " + x, "run barrier -p " + x, "run barrier -p " + x + "=1", "run barrier -p parties=" + x, "run barrier --pace " + x, "run barrier --format " + x,
		"run barrier --" + x, "run barrier -" + x, "play " + x, "play x --format " + x, "list " + x, "list --category " + x,
		"check " + x, "check barrier -p " + x + "=1", "check barrier -p parties=" + x, "check barrier --seed " + x,
		"replay " + x, "replay s2x:" + x, "hint " + x, "hint counter-unlocked " + x, "suite " + x, "suite --junit " + x + "/y barrier",
		"export " + x, "export barrier --at " + x, "export barrier --size " + x, "export barrier --theme " + x, "export barrier --part " + x, "export barrier -p " + x,
		"completion " + x, "help " + x, "--theme " + x, "run barrier --record " + x + "/y",
	} {
		r := in{}.do(t, line)
		harmless(t, line, r.errs)
		if r.code == exit.OK && !strings.HasPrefix(line, "help") {
			t.Errorf("%q ends with the code %d", line, r.code)
		}
	}
}

// No part of a trace, in any form, puts control characters into the output.
func TestHostileTrace(t *testing.T) {
	x := hostile
	events := []trace.Event{
		{Seq: 1, Kind: trace.KindDefineG, G: 1, Text: "main" + x},
		{Seq: 2, Kind: trace.KindDefineObj, Obj: 1, Class: trace.ClassSemaphore, N: 1, Text: "pool" + x},
		{Seq: 3, Kind: trace.KindDefinePC, PC: 7, Text: "a.go:1" + x},
		{Seq: 4, Kind: trace.KindAcquire, G: 1, Obj: 1, N: 1, PC: 7},
		{Seq: 5, Kind: trace.KindDefineObj, Obj: 2, Class: trace.ClassMutex, Text: "lock" + x},
		{Seq: 6, Kind: trace.KindAcquire, G: 1, Obj: 2, N: 1},
		{Seq: 7, Kind: trace.KindRename, G: 1, Obj: 2, Text: "better" + x},
		{Seq: 8, Kind: trace.KindBlock, G: 1, Obj: 1, N: 1, Text: "Acquire" + x},
		{Seq: 9, Kind: trace.KindLog, G: 2, Text: x},
		{Seq: 10, Kind: trace.KindExit, G: 2, N: 1, Text: x},
	}
	file := filepath.Join(t.TempDir(), "trace"+strings.ReplaceAll(x, "\x00", "")+".jsonl")
	out, err := os.Create(file)
	if err != nil {
		t.Skip(err) // not every file system has such names
	}
	if err := tracefile.Write(out, events); err != nil {
		t.Fatal(err)
	}
	_ = out.Close()
	for _, format := range []string{"svg", "text", "mermaid", "perfetto"} {
		r := in{}.do(t, "export "+file+" --format "+format)
		harmless(t, format, r.out+r.errs)
		if r.code != exit.OK {
			t.Errorf("%s: the code %d, %q", format, r.code, r.errs)
		}
	}
	r := in{}.do(t, "play "+file)
	harmless(t, "play", r.out+r.errs)
}
