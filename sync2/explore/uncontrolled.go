package explore

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// births counts the goroutines that are started in the process, by which those are noticed that a run starts outside the
// explorer: with the go statement, by sync.WaitGroup.Go, by context.AfterFunc. The runtime counts exactly, but for the
// whole process. So a count alone proves nothing: see [explorer.suspect].
type births struct {
	sample [1]metrics.Sample
	last   uint64 // the count at the last look
	made   uint64 // how many threads the explorer had made by then
	fresh  bool   // nothing but the explorer has run since the last look
	others int    // how many goroutines others than the explorer have started in the last run

	watching bool     // each operation is looked at, not only the whole run
	seen     []sprung // what was seen while watching
}

// A sprung is a number of goroutines that a task has started between two of its operations.
type sprung struct {
	task *task
	n    int
	from string   // where its operation before that is, "" if there was none
	to   string   // where its operation after that is, "" if there was none
	at   []string // where goroutines were started that had not ended yet
}

// begin begins a run.
func (b *births) begin(made uint64) {
	if b.sample[0].Name == "" {
		b.sample[0].Name = "/sched/goroutines-created:goroutines"
	}
	if !b.fresh {
		b.look(made)
	}
	b.fresh, b.others = false, 0
}

// look returns how many goroutines others than the explorer, which has made so many threads, have started since the last
// look.
//
//go:norace
func (b *births) look(made uint64) int {
	metrics.Read(b.sample[:])
	now := b.sample[0].Value.Uint64()
	n := int(now - b.last - (made - b.made))
	b.last, b.made = now, made
	return n
}

// watch is called before a request of t is served, while the run is watched.
func (x *execution) watch(t *task) {
	b := &x.births
	n := b.look(x.threads.made)
	if n <= 0 {
		return
	}
	b.others += n
	s := sprung{task: t, n: n, to: x.site(t.pcs)}
	if i := t.lastStep; i >= 0 && int(i) < len(x.notes) {
		s.from = x.notes[i].where
	}
	for _, g := range living() {
		if at := g.where(); g.by == t.thread.g && !slices.Contains(s.at, at) {
			s.at = append(s.at, at)
		}
	}
	b.seen = append(b.seen, s)
}

// A startedBy says by which function a goroutine that lives was started, where, and by which goroutine.
type startedBy struct {
	function string
	at       string
	by       int64
}

// living returns how the goroutines were started that live now, as far as the runtime tells.
func living() (all []startedBy) {
	const mark, in = "created by ", " in goroutine "
	buf := make([]byte, 1<<20)
	lines := strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n")
	for i, line := range lines[:len(lines)-1] {
		fn, by, ok := strings.Cut(strings.TrimPrefix(line, mark), in)
		if !ok || !strings.HasPrefix(line, mark) || strings.HasPrefix(fn, "runtime.") || strings.HasPrefix(fn, "iter.") {
			continue
		}
		if id, err := strconv.ParseInt(by, 10, 64); err == nil {
			all = append(all, startedBy{fn, placeInStack(lines[i+1]), id})
		}
	}
	return all
}

// where says where the goroutine was started.
func (g *startedBy) where() string {
	if standard(g.function) {
		return "with " + g.function
	}
	return "at " + g.at
}

const (
	// sureOf is in how many runs of the same order a goroutine must be started before the program is held to start it, …
	sureOf = 24
	// … and sureIfSlow if they take longer than patientFor.
	sureIfSlow = 8
	patientFor = time.Second
	// looksAtLiving is after how many runs of an exploration that seem to have started a goroutine it is looked whether
	// that still lives.
	looksAtLiving = 16
)

// hidden is a caveat: that of explorations amid others who start goroutines without end.
const hidden = "goroutines are started in this process all the time, so it cannot be told whether the program starts any outside the explorer"

// suspect finds out whether it was the program that has started goroutines outside the explorer in the last run, and if
// so makes that the result and returns true. Others in the process start goroutines too: tests that run in parallel,
// timers, the runtime. A program under exploration does the same whenever the order is the same. So the order is run
// again: if no goroutine is started then, it was others. If one is started each time, it was the program, unless some
// are started as often while the program does not run.
func (ex *explorer) suspect() bool {
	x := &ex.x
	if x.births.others <= 0 || slices.Contains(ex.res.Caveats, hidden) {
		return false
	}
	first, ds := x.failure, search.DeviationsOf(&x.View)
	res, endless := ex.res, ex.endless
	defer func() {
		res.Failure = ex.res.Failure
		ex.res, ex.endless = res, endless
	}()
	var lives *startedBy
	if ex.suspicions++; ex.suspicions <= looksAtLiving {
		lives = ex.livingOfTasks()
	}
	ex.endless = first != nil && first.Kind == Livelock
	runs, quiet, always := 0, 0, true
	for begin := time.Now(); runs < sureOf && always && (runs < sureIfSlow || time.Since(begin) < patientFor); runs++ {
		start := time.Now()
		if ex.replay(ds); x.gone.Load() || foreign.Load() != nil {
			return true
		}
		if always = x.births.others > 0; always && x.quietFor(time.Since(start)) {
			quiet++
		}
	}
	switch {
	case lives != nil || always && quiet > runs/2:
		ex.blameStarter(ds, lives, first)
		return true
	case always:
		res.caveat(hidden)
	}
	if again := x.failure; first != nil && !first.again(again) {
		ex.res.Failure = diverged(first, again)
		return true
	}
	return false
}

// quietFor reports whether nobody starts a goroutine for a time of the given length in which no program runs.
func (x *execution) quietFor(d time.Duration) bool {
	x.births.look(x.threads.made)
	for start := time.Now(); time.Since(start) < d; {
		runtime.Gosched()
	}
	return x.births.look(x.threads.made) <= 0
}

// livingOfTasks returns a goroutine that lives and that a task of the last run has started, nil if there is none.
func (ex *explorer) livingOfTasks() *startedBy {
	for _, g := range living() {
		if ex.x.taskOf(g.by) != nil {
			return &g
		}
	}
	return nil
}

// taskOf returns the task of the last run whose goroutine has the given id.
func (x *execution) taskOf(id int64) *task {
	for _, t := range x.tasks {
		if t.thread.g == id {
			return t
		}
	}
	return nil
}

// blameStarter makes it the result that a program starts goroutines outside the explorer, of which one may be known to
// live. It runs the order once more, to see which task it is that starts them and where.
func (ex *explorer) blameStarter(ds []search.Deviation, lives *startedBy, failed *Failure) {
	x, by, n, where := &ex.x, "", 1, ""
	if lives != nil {
		by, where = x.taskOf(lives.by).name, " "+lives.where()
	}
	x.verbose, x.births.watching, x.notes, x.births.seen = true, true, x.notes[:0], nil
	ex.replay(ds)
	x.verbose, x.births.watching, x.blamers = false, false, nil
	if len(x.births.seen) > 0 {
		s := &x.births.seen[0]
		by, n, where = s.task.name, s.n, s.where()
	} else {
		n = max(n, x.births.others)
	}
	what := "a goroutine"
	if n > 1 {
		what = strconv.Itoa(n) + " goroutines"
	}
	who := by
	if by == "" {
		who = "the program"
	}
	words := fmt.Sprintf("%s started %s outside the explorer%s, whose operations it cannot order; use E.Go, sync2.Go or WaitGroup.Go of package explore",
		who, what, where)
	if failed != nil {
		words += "; in that run: " + failed.Error()
	}
	ex.res.Failure = &Failure{Kind: BadProgram, Task: by, Message: words}
}

// where says where the goroutines were started.
func (s *sprung) where() string {
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
