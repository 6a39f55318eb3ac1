package engine

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/internal/place"
)

// allStacks returns the stacks of all goroutines, or the first 64 MB of them.
func allStacks() []byte {
	for size := 1 << 18; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size || size == 1<<26 {
			return buf[:n]
		}
	}
}

// stackOf returns the stack of the goroutine with the given id, "" if there is none.
func stackOf(id int64) string {
	head := fmt.Appendf(nil, "goroutine %d ", id)
	for s := range bytes.SplitSeq(allStacks(), []byte("\n\n")) {
		if bytes.HasPrefix(s, head) {
			return string(s)
		}
	}
	return ""
}

// firstSite returns the first place in a stack that is in neither the library nor the runtime.
func firstSite(stack string) string {
	lines := strings.Split(stack, "\n")
	for i := 1; i+1 < len(lines); i += 2 {
		file := strings.TrimSpace(lines[i+1])
		fn := lines[i]
		if !strings.Contains(file, "_test.go:") && (strings.HasPrefix(fn, library) || standard(fn)) {
			continue
		}
		return PlaceInStack(file)
	}
	return nowhere
}

// nowhere is the position of a stack without a function of the program.
const nowhere = "a place unknown"

// PlaceInStack returns the position in a line of a stack, such as "	/home/ann/bank/bank.go:12 +0x1d".
func PlaceInStack(line string) string {
	line, _, _ = strings.Cut(strings.TrimSpace(line), " +0x")
	file, at, ok := strings.Cut(line, ".go:")
	if !ok {
		return line
	}
	if rest, ok := strings.CutPrefix(file, goSource); Patched && goSource != "" && ok {
		return rest + ".go:" + at // the path of the private GOROOT is of no interest
	}
	return place.Path(file+".go") + ":" + at
}

// standard reports whether a function is in the standard library: its import path does not begin with a domain.
func standard(fn string) bool {
	first, _, slash := strings.Cut(fn, "/")
	if !slash {
		first, _, _ = strings.Cut(fn, ".")
	}
	return first != "main" && !strings.Contains(first, ".")
}

// turnstileBody is the function of package testing that runs a test under an explorer.
const turnstileBody = "testing.TurnstileBody"

// TrimStack removes frames that are of no interest from a stack: the explorer's, and those below them, which are left
// over from tasks that the same thread ran before.
func TrimStack(stack string) string {
	lines := strings.Split(strings.TrimSpace(stack), "\n")
	var b strings.Builder
	for i := 1; i+1 < len(lines); i += 2 {
		fn, ours := strings.CutPrefix(lines[i], library+"/explore")
		switch {
		case ours && strings.HasPrefix(fn, "/internal/engine.(*Thread).runTask("):
			return b.String()
		case strings.HasPrefix(lines[i], turnstileBody+"("):
			return b.String()
		case strings.HasPrefix(lines[i], turnstileBody+"."):
			continue
		case strings.HasPrefix(lines[i], "panic("):
			continue
		case ours && (strings.HasPrefix(fn, "/internal/engine.(*Thread)") || strings.HasPrefix(fn, ".Explore.func")),
			strings.HasPrefix(fn, "runtime/debug."), strings.HasPrefix(fn, "iter."):
			continue
		}
		fmt.Fprintf(&b, "%s\n\t%s\n", lines[i], PlaceInStack(lines[i+1]))
	}
	return b.String()
}

// A Birth describes how a living goroutine was started: by which function, where, and by which goroutine.
type Birth struct {
	function string
	at       string
	By       int64
}

// starter is the function that starts goroutines known not to be the program's.
var starter = library + "/internal/hook.GoOutside"

// Living returns how the goroutines that live now were started, as far as the runtime knows, except those known not to be
// the program's.
func Living() (all []Birth) {
	const mark, in = "created by ", " in goroutine "
	lines := strings.Split(string(allStacks()), "\n")
	for i, line := range lines[:len(lines)-1] {
		fn, by, ok := strings.Cut(strings.TrimPrefix(line, mark), in)
		if !ok || !strings.HasPrefix(line, mark) || strings.HasPrefix(fn, "runtime.") || strings.HasPrefix(fn, "iter.") || fn == starter {
			continue
		}
		if id, err := strconv.ParseInt(by, 10, 64); err == nil {
			all = append(all, Birth{fn, PlaceInStack(lines[i+1]), id})
		}
	}
	return all
}

// Where returns where the goroutine was started.
func (g *Birth) Where() string {
	if standard(g.function) {
		return "with " + g.function
	}
	return "at " + g.at
}
