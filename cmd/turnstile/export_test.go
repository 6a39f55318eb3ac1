package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// meeting writes a recording, which is always the same, and returns its name.
func meeting(t *testing.T) string {
	t.Helper()
	var events []trace.Event
	add := func(ev trace.Event) {
		ev.Seq, ev.Time = uint64(len(events)+1), int64(len(events))*100_000_000
		events = append(events, ev)
	}
	add(trace.Event{Kind: trace.KindBegin})
	add(trace.Event{Kind: trace.KindDefineG, G: 1, Text: "ann"})
	add(trace.Event{Kind: trace.KindDefineG, G: 2, Text: "ben"})
	add(trace.Event{Kind: trace.KindDefineObj, Obj: 1, Class: trace.ClassBarrier, N: 2, Text: "door"})
	add(trace.Event{Kind: trace.KindArrive, G: 1, Obj: 1})
	add(trace.Event{Kind: trace.KindBlock, G: 1, Obj: 1, N: 1, Text: "Wait"})
	add(trace.Event{Kind: trace.KindArrive, G: 2, Obj: 1, N: 1})
	add(trace.Event{Kind: trace.KindTrip, G: 2, Obj: 1, N: 1})
	add(trace.Event{Kind: trace.KindUnblock, G: 1, Obj: 1, Peer: 2})
	add(trace.Event{Kind: trace.KindResume, G: 1, Obj: 1})
	name := filepath.Join(t.TempDir(), "meeting.jsonl")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := tracefile.Write(file, events); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestExportFormats(t *testing.T) {
	file := meeting(t)
	for _, test := range []struct {
		flags         string
		begins, holds string
		not           string
	}{
		{"", "<svg ", ">through</text>", "1 of 2 has arrived"},
		{"--at 600ms", "<svg ", ">both have arrived<", ""},
		{"--at 6", "<svg ", ">1 of 2 has arrived; one is missing<", "timeout"},
		{"--at 50%", "<svg ", "event 5 of 10", ""},
		{"--at 6 --part stage --size 40x8 --theme light", `<svg xmlns="http://www.w3.org/2000/svg" width="384" height="176"`, ">1 of 2 has arrived", ">ann waits"},
		{"--format text", "  0.000000", "opens door", "<svg"},
		{"--format text --at 6", "  0.000000", "ann", "opens"},
		{"--format mermaid", "sequenceDiagram\n", "participant g1 as ann", "<svg"},
		{"--format perfetto", "{", `"traceEvents"`, "<svg"},
		{"--format asciicast --size 80x24", `{"version":2,"width":80,"height":24`, "door", "<svg"},
	} {
		r := in{}.do(t, "export "+file+" "+test.flags)
		if r.code != exit.OK || r.errs != "" {
			t.Errorf("export %s: code %d, %s", test.flags, r.code, r.errs)
		}
		if !strings.HasPrefix(r.out, test.begins) || !strings.Contains(r.out, test.holds) || test.not != "" && strings.Contains(r.out, test.not) {
			t.Errorf("export %s: want it to begin with %q, to hold %q and not %q:\n%.2000s", test.flags, test.begins, test.holds, test.not, r.out)
		}
		if again := (in{}).do(t, "export "+file+" "+test.flags); again.out != r.out {
			t.Errorf("export %s: twice is not the same", test.flags)
		}
	}
}

// The name of the output determines the format, unless a flag does.
func TestExportOutput(t *testing.T) {
	file, dir := meeting(t), t.TempDir()
	for name, begins := range map[string]string{
		"a.svg": "<svg ", "a.SVG": "<svg ", "a.txt": "  0.0", "a.mmd": "sequenceDiagram", "a.json": "{", "a.cast": `{"version":2`, "a": "<svg ",
	} {
		out := filepath.Join(dir, name)
		r := in{}.do(t, "export "+file+" -o "+out)
		data, err := os.ReadFile(out)
		if r.code != exit.OK || r.out != "" || err != nil || !strings.HasPrefix(string(data), begins) {
			t.Errorf("-o %s: code %d, %s, %v, begins with %.20q", name, r.code, r.errs, err, data)
		}
	}
	out := filepath.Join(dir, "b.json")
	_ = in{}.do(t, "export "+file+" --format text -o "+out)
	if data, err := os.ReadFile(out); err != nil || json.Valid(data) {
		t.Errorf("--format text -o b.json: %v, %.20q", err, data)
	}
	for _, name := range []string{"a.gif", "a.PNG", "svg.", "\x1b[31m.gif"} {
		out := filepath.Join(dir, name)
		r := in{}.do(t, "export "+file+" -o "+out)
		if r.code != exit.Usage || !strings.Contains(r.errs, "is not the extension of a format") || strings.Contains(r.errs, "\x1b") {
			t.Errorf("-o %q: code %d, %q", name, r.code, r.errs)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("-o %q wrote a file", name)
		}
	}
	if r := (in{}).do(t, "export "+file+" -o "+filepath.Join(dir, "none", "a.svg")); r.code != exit.Trouble || !strings.Contains(r.errs, "a.svg") {
		t.Errorf("into no folder: code %d, %s", r.code, r.errs)
	}
}

func TestExportScenario(t *testing.T) {
	r := in{}.do(t, "export barrier --pace 0 -p workers=2")
	if r.code != exit.OK || !strings.Contains(r.out, ">the invariant held<") || !strings.Contains(r.out, ">worker-2<") || strings.Contains(r.out, "worker-3") {
		t.Errorf("code %d, %s\n%.300s", r.code, r.errs, r.out)
	}
}

// In a trace the end of main has the result of the scenario, so a recording has it.
func TestTraceTellsOutcome(t *testing.T) {
	stopped, stop := context.WithCancelCause(t.Context())
	stop(&exit.SignalError{Signal: syscall.SIGINT})
	for _, test := range []struct {
		ctx  context.Context
		pace string
		n    int64
		text string
	}{
		{t.Context(), "0", 0, "the invariant held"},
		{stopped, "1", 1, "stopped: interrupt"},
	} {
		events, err := tracefile.Read(t.Context(), strings.NewReader(in{ctx: test.ctx}.do(t, "run barrier --format json --pace "+test.pace).out))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(events, func(ev trace.Event) bool { return ev.Kind == trace.KindExit && ev.Text != "" })
		if i < 0 || events[i].N != test.n || events[i].Text != test.text {
			t.Errorf("at pace %s the end is %+v, want %d, %q", test.pace, events[max(i, 0)], test.n, test.text)
		}
	}
}

// A deadlocked scenario is stopped, and shown as it hangs.
func TestExportDeadlock(t *testing.T) {
	r := in{}.do(t, "export abba-deadlock --pace 0.05 --format text")
	if r.code != exit.Failed || !strings.Contains(r.errs, "abba-deadlock: deadlock: ") || strings.Contains(r.out, "gives up") {
		t.Errorf("code %d, %s\n%s", r.code, r.errs, r.out)
	}
}

// A truncated file is exported as far as it goes.
func TestExportTorn(t *testing.T) {
	data, err := os.ReadFile(meeting(t))
	if err != nil {
		t.Fatal(err)
	}
	r := in{stdin: string(data[:len(data)-20])}.do(t, "export - --format text")
	if r.code != exit.OK || !strings.Contains(r.errs, "incomplete") || !strings.Contains(r.out, "arrives at door") {
		t.Errorf("code %d, %s\n%s", r.code, r.errs, r.out)
	}
}

func TestExportErrors(t *testing.T) {
	file := meeting(t)
	for _, test := range []struct {
		line, want string
		code       int
	}{
		{"export", "export takes one file or scenario", exit.Usage},
		{"export a b", "export takes one file or scenario", exit.Usage},
		{"export barier", `no scenario is called "barier"; did you mean "barrier"?, and there is no such file`, exit.Usage},
		{"export none.jsonl", "open none.jsonl: no such file", exit.Trouble},
		{"export " + file + " -p workers=3", "a file has no parameters", exit.Usage},
		{"export barrier -p workers=0", "workers=0: out of range", exit.Usage},
		{"export " + file + " --format gif", "--format gif: must be one of svg, text, mermaid, perfetto, asciicast", exit.Usage},
		{"export " + file + " --at soon", "--at soon: must be an event such as 14, a time such as 1.2s, or a part such as 50%", exit.Usage},
		{"export " + file + " --at 101%", "--at 101%: a part must be 0% … 100%", exit.Usage},
		{"export " + file + " --at 11", "--at 11: event 11 is out of range, must be 0 … 10", exit.Usage},
		{"export " + file + " --at 2s", "--at 2s: time 2s is out of range, must be 0 … 900ms", exit.Usage},
		{"export " + file + " --size 120", "--size 120: must be columns and lines, such as 120x36", exit.Usage},
		{"export " + file + " --size 40x10", "size 40×10 is out of range, must be 60×20 … 400×200", exit.Usage},
		{"export " + file + " --theme pink", "--theme pink: must be dark or light", exit.Usage},
		{"export " + file + " --keys 1s,blue", `"blue" is neither a key nor a time from 0s to 1m0s`, exit.Usage},
		{"export " + file + " --keys w --format text", "--keys and --drive are for svg, moving-svg and asciicast, not for text", exit.Usage},
		{"export " + file + " --drive --keys 1", "--drive: ", exit.Usage},
		{"export " + file + " --part list", "--part list: must be player or stage", exit.Usage},
	} {
		r := in{}.do(t, test.line)
		if r.code != test.code || !strings.Contains(r.errs, test.want) || r.out != "" {
			t.Errorf("turnstile %s: code %d\n got %s\nwant %s", test.line, r.code, r.errs, test.want)
		}
	}
}

// The pictures in docs/ are the output of "make pictures" for the recordings there.
func TestPicturesAreUpToDate(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../..")
	n := 0
	film := regexp.MustCompile(`(?m)^FILM +=(.*)`).FindSubmatch(makefile)
	if film == nil {
		t.Fatal("the Makefile does not say what is pressed for the film")
	}
	for line := range strings.Lines(string(makefile)) {
		args, ok := strings.CutPrefix(strings.ReplaceAll(line, "$(FILM)", strings.TrimSpace(string(film[1]))), "\t$(EXPORT) ")
		if !ok {
			continue
		}
		n++
		args, out, _ := strings.Cut(strings.TrimSpace(args), " -o ")
		format, err := (&exportFlags{out: out}).formatName()
		if err != nil {
			t.Fatal(err)
		}
		r := in{}.do(t, "export "+args+" --format "+format)
		if r.code != exit.OK || r.errs != "" {
			t.Errorf("export %s: code %d, %s", args, r.code, r.errs)
		}
		if picture, err := os.ReadFile(filepath.FromSlash(out)); err != nil || string(picture) != r.out {
			t.Errorf("%s is out of date (%v); \"make pictures\" draws it anew", out, err)
		}
	}
	if n < 12 {
		t.Errorf("the Makefile draws %d pictures, want 12 or more", n)
	}
}
