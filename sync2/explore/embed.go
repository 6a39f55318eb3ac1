package explore

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/turnstile-go/turnstile/internal/place"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

const (
	// around is the number of source lines kept before and after a position in a recording.
	around = 30
	// longLine is the maximum number of bytes kept of such a line.
	longLine = 160
)

// embed adds to the positions in events the source lines around them, where the files can be read. The frames of some
// positions are known.
func embed(events []trace.Event, known []runtime.Frame) {
	files := make(map[string][]string)
	for i := range events {
		ev := &events[i]
		if ev.Kind != trace.KindDefinePC {
			continue
		}
		file, line := placeOf(ev, known)
		if line == 0 {
			continue
		}
		lines, read := files[file]
		if !read {
			if text, err := os.ReadFile(place.OnDisk(file)); err == nil {
				lines = strings.Split(string(text), "\n")
			}
			files[file] = lines
		}
		if line > len(lines) {
			continue
		}
		from, to := max(1, line-around), min(len(lines), line+around)
		var b strings.Builder
		site, _, _ := strings.Cut(ev.Text, "\n")
		b.WriteString(site)
		for _, s := range lines[from-1 : to] {
			b.WriteByte('\n')
			b.WriteString(s[:min(len(s), longLine)])
		}
		ev.Text, ev.N = b.String(), int64(from)
	}
}

// placeOf returns the file and line of a position, with line 0 if unknown.
func placeOf(ev *trace.Event, known []runtime.Frame) (file string, line int) {
	for i := range known {
		if uint64(known[i].PC) == ev.PC {
			return known[i].File, known[i].Line
		}
	}
	for frames := runtime.CallersFrames([]uintptr{uintptr(ev.PC), 0}); ; {
		f, more := frames.Next()
		if at := fmt.Sprintf("%s:%d ", f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line); f.Line > 0 && strings.HasPrefix(ev.Text, at) {
			return f.File, f.Line
		}
		if !more {
			return "", 0
		}
	}
}
