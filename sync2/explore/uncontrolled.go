package explore

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

const (
	// sureOf is in how many runs of the same order a goroutine must be started before the program is held to start it.
	sureOf = 24
	// sureIfSlow is the same if they take longer than patientFor.
	sureIfSlow = 8
	patientFor = time.Second
	// looksAtLiving is after how many runs of an exploration that seem to have started a goroutine it is looked whether
	// that still lives.
	looksAtLiving = 16
)

// hidden is a caveat: that of explorations amid others who start goroutines without end.
const hidden = "goroutines are started in this process all the time, so it cannot be told whether the program starts any outside the explorer"

// suspect finds out whether it was the program that has started goroutines outside the explorer in the last run, or in one
// that was counted with it, and if so makes that the result and returns true. Others in the process start goroutines too:
// tests that run in parallel, timers, the runtime. A program under exploration does the same whenever the order is the same.
// So the orders are run again: if no goroutine is started then, it was others. If one is started each time, it was the
// program, unless some are started as often while the program does not run.
func (ex *explorer) suspect() bool {
	x := &ex.x
	if x.Births.Others <= 0 || slices.Contains(ex.res.Caveats, hidden) {
		return false
	}
	first, again := x.Fault, (*engine.Fault)(nil)
	orders := append([][]search.Deviation{search.DeviationsOf(&x.View)}, x.Births.Orders()...)
	res, endless := ex.res, ex.endless
	defer func() {
		res.Failure = ex.res.Failure
		ex.res, ex.endless = res, endless
	}()
	var lives *living
	if ex.suspicions++; ex.suspicions <= looksAtLiving {
		lives = ex.livingOfTasks()
	}
	livelock := first != nil && first.Kind == engine.FaultLivelock
	found, at := starterOthers, 0
	for i := 0; i < len(orders) && found == starterOthers; i++ {
		ex.endless = livelock && i == 0
		if found, at = ex.starts(orders[i]), i; i == 0 {
			again = x.Fault
		}
	}
	if found == starterOthers {
		at, ex.endless = 0, livelock
	}
	switch {
	case found == starterNobody:
		return true
	case found == starterProgram, lives != nil:
		if lives != nil && (at > 0 || found == starterOthers && len(orders) > 1) {
			lives.by = "" // its thread may have run another task then
		}
		if at > 0 {
			first = nil
		}
		ex.blameStarter(orders[at], lives, first)
		return true
	case found == starterEither:
		res.caveat(hidden)
	}
	if first != nil && !ex.same(first, again) {
		ex.differs(first, again)
		return true
	}
	return false
}

// A starter says who it is that starts goroutines outside the explorer.
type starter uint8

const (
	starterOthers  starter = iota // it is not the program
	starterProgram                // it is
	starterEither                 // that cannot be told
	starterNobody                 // the exploration is at its end before that is found out
)

// starts runs the program in the given order until it is known whether it starts goroutines outside the explorer.
func (ex *explorer) starts(ds []search.Deviation) starter {
	x := &ex.x
	runs, quiet, always := 0, 0, true
	for begin := time.Now(); runs < sureOf && always && (runs < sureIfSlow || time.Since(begin) < patientFor); runs++ {
		start := time.Now()
		if ex.replay(ds); x.Gone.Load() || engine.Foreign.Load() != nil {
			return starterNobody
		}
		if always = x.Births.Others > 0; always && x.QuietFor(time.Since(start)) {
			quiet++
		}
	}
	switch {
	case !always:
		return starterOthers
	case quiet > runs/2:
		return starterProgram
	default:
		return starterEither
	}
}

// A living is a goroutine that lives and that a task has started.
type living struct {
	engine.Birth
	by string // the task's name
}

// livingOfTasks returns one that a task of the last run has started, nil if there is none.
func (ex *explorer) livingOfTasks() *living {
	for _, g := range engine.Living() {
		if t := ex.x.TaskOf(g.By); t != nil {
			return &living{g, t.Name}
		}
	}
	return nil
}

// blameStarter makes it the result that a program starts goroutines outside the explorer, of which one may be known to
// live. It runs the order once more, to see which task it is that starts them and where.
func (ex *explorer) blameStarter(ds []search.Deviation, lives *living, failed *engine.Fault) {
	x, by, n, where := &ex.x, "", 1, ""
	if lives != nil {
		by, where = lives.by, " "+lives.Where()
	}
	x.Verbose, x.Births.Watching, x.Notes, x.Births.Seen = true, true, x.Notes[:0], nil
	ex.replay(ds)
	x.Verbose, x.Births.Watching = false, false
	if len(x.Births.Seen) > 0 {
		s := &x.Births.Seen[0]
		by, n, where = s.Task.Name, s.N, s.Where()
	} else {
		n = max(n, x.Births.Others)
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
		words += "; in that run: " + failureOf(failed).Error()
	}
	ex.res.Failure = &Failure{Kind: KindBadProgram, Task: by, Message: words}
}
