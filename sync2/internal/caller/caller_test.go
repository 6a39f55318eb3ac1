package caller

import (
	"runtime"
	"strings"
	"testing"
)

//go:noinline
func inner(buf *[Depth]uintptr) int { return PCs(buf) }

//go:noinline
func outer(buf *[Depth]uintptr) int { n := inner(buf); return n }

// names returns the functions to which the return addresses belong, those that were inlined too.
func names(pcs []uintptr) string {
	var all []string
	for frames := runtime.CallersFrames(pcs); ; {
		f, more := frames.Next()
		all = append(all, f.Function[strings.LastIndexByte(f.Function, '.')+1:])
		if !more {
			return strings.Join(all, " ")
		}
	}
}

func TestPCs(t *testing.T) {
	var buf [Depth]uintptr
	n := outer(&buf)
	if got := names(buf[:n]); !strings.HasPrefix(got, "outer TestPCs ") {
		t.Errorf("callers: %s", got)
	}
}

// deep calls itself, so that there are more callers than room, and the stack has to grow.
func deep(n int, buf *[Depth]uintptr) int {
	var pad [512]byte
	pad[n%512] = byte(n)
	if n == 0 {
		return inner(buf) + int(pad[1])
	}
	return deep(n-1, buf) + int(pad[(n+1)%512])
}

func TestPCsOfDeepAndShortStacks(t *testing.T) {
	done := make(chan bool)
	for range 100 {
		go func() {
			var buf [Depth]uintptr
			ok := deep(200, &buf) == Depth && strings.HasPrefix(names(buf[:]), "deep deep deep")
			n := inner(&buf)
			done <- ok && n >= 1 && n < Depth
		}()
	}
	for range 100 {
		if !<-done {
			t.Error("wrong callers")
		}
	}
}

func BenchmarkPCs(b *testing.B) {
	var buf [Depth]uintptr
	for b.Loop() {
		PCs(&buf)
	}
}
