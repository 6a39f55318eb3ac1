package main

import (
	"bytes"
	"io"
)

// A skewDetector passes on what the go command prints, and notes whether the linker has not found what the patched runtime of
// another version of turnstile has: then the module uses package explore in that version.
type skewDetector struct {
	w    io.Writer
	last []byte // the end of what was written before
	seen bool
}

// unlinked is what the linker says then, of a function of the patched runtime.
var unlinked = []byte("relocation target runtime.ts")

func (d *skewDetector) Write(b []byte) (int, error) {
	d.last = append(d.last, b...)
	d.seen = d.seen || bytes.Contains(d.last, unlinked)
	d.last = d.last[max(0, len(d.last)-len(unlinked)):]
	return d.w.Write(b) // it is the writer's
}

// skewed says what to do about it.
const skewed = "the module requires another version of github.com/turnstile-go/turnstile than this command has; " +
	`in the module, "go run github.com/turnstile-go/turnstile/cmd/turnstile test" is the command of that version`
