package gotest

import (
	"bytes"
	"io"
)

// A skewDetector passes on what the go command prints. It notes whether the linker misses a function of the patched runtime,
// which means that the module requires another version of turnstile.
type skewDetector struct {
	w    io.Writer
	last []byte // the end of what has been written
	seen bool
}

// unlinked is in the linker's message about a missing function of the patched runtime.
var unlinked = []byte("relocation target runtime.ts")

func (d *skewDetector) Write(b []byte) (int, error) {
	d.last = append(d.last, b...)
	d.seen = d.seen || bytes.Contains(d.last, unlinked)
	d.last = d.last[max(0, len(d.last)-len(unlinked)):]
	return d.w.Write(b) // it is the writer's
}

// skewed is the advice for that case.
const skewed = "the module requires another version of github.com/turnstile-go/turnstile than this command has; " +
	`in the module, "go run github.com/turnstile-go/turnstile/cmd/turnstile test" is the command of that version`
