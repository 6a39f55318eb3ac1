package synctesting

import (
	"io"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sasha-s/go-deadlock"
)

// A LockError is a report of go-deadlock: a lock inversion, a lock taken twice, or, for go-deadlock's own mutexes, a
// wait that takes too long.
type LockError struct {
	Summary string // both orders in one line, with the names in the trace; "" for go-deadlock's own mutexes
	Report  string // several lines, with the stacks at which each lock was taken

	// For go-deadlock's own mutexes, Report is the text of go-deadlock. Its line numbers may be off by one or more: it takes the
	// line before the instruction after a call for the line of the call.
}

// Error returns the summary and the report.
func (e *LockError) Error() string {
	return strings.TrimSpace(e.Summary + "\n" + e.Report)
}

// A report is what go-deadlock writes between listen and end.
type report struct {
	mu      sync.Mutex
	text    strings.Builder
	summary string
	stacks  string // "" if only the text is known
	found   bool
}

// listening is the report to which go-deadlock writes, nil if it writes to its usual output.
var listening atomic.Pointer[report]

// redirect makes go-deadlock write to the report. Its options can be set only once and not while its mutexes are in use,
// because it reads them without a lock.
var redirect = sync.OnceFunc(func() {
	found, out := deadlock.Opts.OnPotentialDeadlock, deadlock.Opts.LogBuf
	deadlock.Opts.OnPotentialDeadlock = func() {
		if r := listening.Load(); r != nil {
			r.mark()
		} else {
			found()
		}
	}
	deadlock.Opts.LogBuf = diverted{out}
})

// listen begins a report.
func listen() *report {
	redirect()
	r := new(report)
	listening.Store(r)
	return r
}

// end ends the report, and returns its error, nil for a nil report.
func (r *report) end() error {
	if r == nil {
		return nil
	}
	listening.Store(nil)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.found {
		return nil
	}
	if r.stacks != "" {
		return &LockError{r.summary, r.stacks}
	}
	return &LockError{r.summary, shorten(r.text.String())}
}

func (r *report) mark() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found = true
}

// made reports whether go-deadlock has reported anything.
func (r *report) made() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.found
}

// about sets the summary of the report, and the stacks that replace go-deadlock's text, if any.
func (r *report) about(summary, stacks string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.summary, r.stacks = summary, stacks
}

// diverted is the output of go-deadlock: the report if there is one, and its usual output otherwise.
type diverted struct{ out io.Writer }

// Write implements io.Writer.
func (d diverted) Write(b []byte) (int, error) {
	r := listening.Load()
	if r == nil {
		return d.out.Write(b) // it is the writer's
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.found { // the first is enough
		r.text.Write(b)
	}
	return len(b), nil
}

// inner matches a line of a stack, as go-deadlock prints it, in the primitives, in the trace, or in a function that these call.
var inner = regexp.MustCompile(`^\S+:\d+ (sync2|waitq|trace|synctesting|deadlock|go-deadlock)\.\(\*\w+\)\.|^\S+/src/(internal/)?sync/`)

// shorten removes the lines inside the primitives from a report, so that those of the program are left. It moves the mark of
// the line that takes the lock to the first of them.
func shorten(text string) string {
	const mark = " <<<<<"
	var b strings.Builder
	marked := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		bare, has := strings.CutSuffix(line, mark)
		marked = marked || has
		if inner.MatchString(bare) {
			continue
		}
		if b.WriteString(bare); marked {
			b.WriteString(mark)
		}
		marked = false
		b.WriteByte('\n')
	}
	return b.String()
}
