package gotest

import (
	"bytes"
	"fmt"
	"testing"
)

// The linker's message is recognized however the output is split, and no output is lost.
func TestSkewDetector(t *testing.T) {
	const text = "# example.com/p.test\nexample.com/p: relocation target runtime.tsSpace not defined\n"
	for cut := range len(text) {
		var b bytes.Buffer
		d := &skewDetector{w: &b}
		fmt.Fprint(d, text[:cut])
		fmt.Fprint(d, text[cut:])
		if !d.seen || b.String() != text {
			t.Fatalf("cut at %d: seen %t, passed on %q", cut, d.seen, b.String())
		}
	}
	d := &skewDetector{w: new(bytes.Buffer)}
	fmt.Fprint(d, "example.com/p: relocation target example.com/p.f not defined\n")
	if d.seen {
		t.Error("seen where there is none")
	}
}
