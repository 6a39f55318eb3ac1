package engine

import (
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// Births counts the goroutines started in the process, to detect goroutines that a run starts outside the explorer: with
// the go statement, sync.WaitGroup.Go or context.AfterFunc. The runtime counts exactly, but for the whole process. So a
// count alone proves nothing: the schedule has to be run again, see package explore.
//
// Asking the runtime takes longer than a hundred steps. So consecutive runs are counted together, and their schedules are
// kept until then.
type Births struct {
	last   uint64 // the count at the last look
	made   uint64 // the number of threads that the explorer had made by then
	told   uint64 // the number of goroutines started by then that are known to be outside: see hook.GoOutside
	Fresh  bool   // nothing but the explorer has run since the run before
	Others int    // goroutines not started by the explorer in the last run, or in those counted with it

	counted bool          // the last run has been
	kept    []search.Step // of the earlier runs counted with it
	ends    []int         // where each of these ends in kept

	Watching bool     // each operation is checked, not only the whole run
	Seen     []Strays // what was seen while watching
}

// Strays are goroutines outside the explorer that a task started between two of its operations.
type Strays struct {
	Task *Task
	N    int
	from string   // where its operation before that is, "" if there was none
	to   string   // where its operation after that is, "" if there was none
	at   []string // where goroutines were started that had not ended yet
}

// together is the maximum number of runs that are counted together, and togetherSteps the number of steps from which
// no other run is added.
const (
	together      = 16
	togetherSteps = 256
)

// begin begins a run. The steps are those of the run before.
func (b *Births) begin(made uint64, last []search.Step) {
	if b.Fresh && !b.counted {
		b.kept = append(b.kept, last...)
		b.ends = append(b.ends, len(b.kept))
	} else {
		if !b.Fresh {
			b.look(made)
		}
		b.Others, b.kept, b.ends = 0, b.kept[:0], b.ends[:0]
	}
	b.Fresh, b.counted = false, Patched
}

// due reports whether the run that is over, which had the given number of steps, has to be counted now.
func (b *Births) due(steps int) bool {
	return len(b.kept)+steps >= togetherSteps || len(b.ends)+1 >= together
}

// Schedules returns the schedules of the earlier runs that were counted with the last one, latest first.
func (b *Births) Schedules() (all [][]search.Deviation) {
	for i, end := range slices.Backward(b.ends) {
		begin := 0
		if i > 0 {
			begin = b.ends[i-1]
		}
		all = append(all, search.DeviationsOf(&search.View{Steps: b.kept[begin:end]}))
	}
	return all
}

// look returns the number of goroutines started since the last look, without the given number of threads of the
// explorer.
//
//go:norace
func (b *Births) look(made uint64) int {
	if Patched {
		return 0 // the explorer knows all of them
	}
	now, told := goroutinesStarted(), hook.StartedOutside()
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
	if n := x.noteOf(t.lastStep); n != nil {
		s.from = n.Where
	}
	for _, g := range Living() {
		if at := g.Where(); g.By == t.Thread.G && !slices.Contains(s.at, at) {
			s.at = append(s.at, at)
		}
	}
	b.Seen = append(b.Seen, s)
}

// QuietFor reports whether no goroutine is started for the given time, in which no program runs.
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

// Where returns where the goroutines were started.
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
