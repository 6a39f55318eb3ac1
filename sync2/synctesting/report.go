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
	Summary string // both orders in a line, in the names that the trace knows; "" for go-deadlock's own mutexes
	Report  string // several lines, with the stacks by which each of the locks was taken

	// For go-deadlock's own mutexes the report is what go-deadlock wrote. It takes the line before that of the instruction
	// that follows a call for the line of the call, which is not always so.
}

// Error returns the summary and the report.
func (e *LockError) Error() string {
	return strings.TrimSpace(e.Summary + "\n" + e.Report)
}

// A report is what go-deadlock writes while it is listened to.
type report struct {
	mu      sync.Mutex
	text    strings.Builder
	summary string
	stacks  string // "": the text has to do
	found   bool
}

// listening is the report to which go-deadlock writes now; nil: it does what it did before.
var listening atomic.Pointer[report]

// redirect makes go-deadlock write to the report. Its options may be set once only, and not while its mutexes are used:
// they are read without a lock.
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

// end ends the report, and returns what it says. Of no report that is nothing.
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

// made reports whether something was found.
func (r *report) made() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.found
}

// about says what the report is about, and what stands in for go-deadlock's text, if anything.
func (r *report) about(summary, stacks string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.summary, r.stacks = summary, stacks
}

// diverted is where go-deadlock writes: to the report, if there is one, else to where it did before.
type diverted struct{ out io.Writer }

// Write implements io.Writer.
func (d diverted) Write(b []byte) (int, error) {
	r := listening.Load()
	if r == nil {
		return d.out.Write(b) // it stands for the writer
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.found { // the first is enough
		r.text.Write(b)
	}
	return len(b), nil
}

// inner matches a line of a stack, as go-deadlock prints it, that is inside the primitives or the trace, or in what these
// call.
var inner = regexp.MustCompile(`^\S+:\d+ (sync2|waitq|trace|synctesting|deadlock|go-deadlock)\.\(\*\w+\)\.|^\S+/src/(internal/)?sync/`)

// shorten takes out of a report what is inside the primitives, so that the lines that are left are the program's. The
// mark of the line that takes the lock goes to the first of those.
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
