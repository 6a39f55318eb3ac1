package sync2

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/internal/caller"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A site is the position in the program where something was created: the return addresses on the stack. Recording them
// takes some nanoseconds; they are resolved to lines only when needed.
type site struct {
	pcs [caller.Depth]uintptr
	n   int
}

// note records the position of its caller.
func (s *site) note() { s.n = caller.PCs(&s.pcs) }

// String returns the innermost position outside the library, such as "pool.go:17", or "" if it is not known.
func (s *site) String() string {
	for _, pc := range s.pcs[:s.n] {
		for frames := runtime.CallersFrames([]uintptr{pc, 0}); ; { // as in package trace
			f, more := frames.Next()
			if f.PC != 0 && !caller.InLibrary(f) {
				return f.File[strings.LastIndexByte(f.File, '/')+1:] + ":" + strconv.Itoa(f.Line)
			}
			if !more {
				break
			}
		}
	}
	return ""
}

// unclosed returns the executors that have workers and were not shut down, in the order in which their oldest workers were
// started. It finds them by their workers, so nothing else has to record them.
func unclosed() []*Executor {
	if hook.On(hook.Explore) { // its runs leave goroutines behind
		return nil
	}
	var all []*Executor
	known := make(map[*Executor]bool)
	for _, g := range registry.list() {
		if e := g.pool; e != nil && !known[e] {
			known[e] = true
			if e.open() {
				all = append(all, e)
			}
		}
	}
	return all
}

// open reports whether e has workers and was not shut down.
func (e *Executor) open() bool {
	e.q.Inspect("Waits")
	defer e.q.Unlock()
	return !e.closed && e.alive > 0
}

// writeUnclosed writes the executors that were not shut down.
func writeUnclosed(b *strings.Builder) {
	for _, e := range unclosed() {
		text := e.String()
		end := strings.LastIndex(text, ": ") // the name may contain a colon, too
		title, words := text[:end], text[end:]
		if at := e.site.String(); at != "" {
			title += " made at " + at
		}
		fmt.Fprintf(b, "%s was not shut down%s\n", title, words)
	}
}
