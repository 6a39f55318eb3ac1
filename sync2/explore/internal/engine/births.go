package engine

import (
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// Births counts the goroutines that are started in the process, by which those are noticed that a run starts outside the
// explorer: with the go statement, by sync.WaitGroup.Go, by context.AfterFunc. The runtime counts exactly, but for the
// whole process. So a count alone proves nothing: the order has to be run again, see package explore.
type Births struct {
	sample [1]metrics.Sample
	last   uint64 // the count at the last look
	made   uint64 // how many threads the explorer had made by then
	told   uint64 // how many goroutines were started by then that are known to be outside: see hook.GoOutside
	Fresh  bool   // nothing but the explorer has run since the last look
	Others int    // how many goroutines others than the explorer have started in the last run

	Watching bool     // each operation is looked at, not only the whole run
	Seen     []Strays // what was seen while watching
}

// Strays are goroutines outside the explorer that a task has started between two of its operations.
type Strays struct {
	Task *Task
	N    int
	from string   // where its operation before that is, "" if there was none
	to   string   // where its operation after that is, "" if there was none
	at   []string // where goroutines were started that had not ended yet
}

// begin begins a run.
func (b *Births) begin(made uint64) {
	if b.sample[0].Name == "" {
		b.sample[0].Name = "/sched/goroutines-created:goroutines"
	}
	if !b.Fresh {
		b.look(made)
	}
	b.Fresh, b.Others = false, 0
}

// look returns how many goroutines others than the explorer, which has made the given number of threads, have started since the last
// look.
//
//go:norace
func (b *Births) look(made uint64) int {
	if Patched {
		return 0 // there are none that it does not know
	}
	metrics.Read(b.sample[:])
	now, told := b.sample[0].Value.Uint64(), hook.StartedOutside()
	n := int(now - b.last - (made - b.made) - (told - b.told))
	b.last, b.made, b.told = now, made, told
	return n
}

// watch is called before a request of t is served, while the run is watched.
func (x *Execution) watch(t *Task) {
	b := &x.Births
	n := b.look(x.Threads.made)
	if n <= 0 {
		return
	}
	b.Others += n
	s := Strays{Task: t, N: n, to: x.Site(t.PCs)}
	if i := t.lastStep; i >= 0 && int(i) < len(x.Notes) {
		s.from = x.Notes[i].Where
	}
	for _, g := range Living() {
		if at := g.Where(); g.By == t.Thread.G && !slices.Contains(s.at, at) {
			s.at = append(s.at, at)
		}
	}
	b.Seen = append(b.Seen, s)
}

// QuietFor reports whether nobody starts a goroutine for a time of the given length in which no program runs.
func (x *Execution) QuietFor(d time.Duration) bool {
	x.Births.look(x.Threads.made)
	for start := time.Now(); time.Since(start) < d; {
		runtime.Gosched()
	}
	return x.Births.look(x.Threads.made) <= 0
}

// TaskOf returns the task of the last run whose goroutine has the given id.
func (x *Execution) TaskOf(id int64) *Task {
	for _, t := range x.Tasks {
		if t.Thread.G == id {
			return t
		}
	}
	return nil
}

// Where says where the goroutines were started.
func (s *Strays) Where() string {
	switch {
	case len(s.at) > 0:
		return " " + strings.Join(s.at, " and ")
	case s.from != "" && s.to != "":
		return " between " + s.from + " and " + s.to
	case s.from != "":
		return " after " + s.from
	case s.to != "":
		return " before " + s.to
	}
	return ""
}
