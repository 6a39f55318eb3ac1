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
	// sureOf is the number of runs of the same schedule in which a goroutine must be started before it is attributed to
	// the program.
	sureOf = 24
	// sureIfSlow is the same for runs that take longer than patientFor.
	sureIfSlow = 8
	patientFor = time.Second
	// looksAtLiving is the number of runs that seem to have started a goroutine after which the explorer checks
	// whether that is still alive.
	looksAtLiving = 16
)

// hidden is a caveat for explorations in a process where other code starts goroutines all the time.
const hidden = "goroutines are started in this process all the time, so it cannot be told whether the program starts any outside the explorer"

// suspect determines whether the program started goroutines outside the explorer in the last run, or in one counted
// with it; if so, it makes that the result and returns true. Other code in the process starts goroutines too:
// parallel tests, timers, the runtime. A program under exploration does the same in every run of a schedule. So the
// schedules are run again: if no goroutine is started then, it was other code. If one is started each time, it was the
// program, unless as many are started while the program does not run.
func (ex *explorer) suspect() bool {
	x := &ex.x
	if x.Births.Others <= 0 || slices.Contains(ex.res.Caveats, hidden) {
		return false
	}
	first, again := x.Fault, (*engine.Fault)(nil)
	schedules := append([][]search.Deviation{search.DeviationsOf(&x.View)}, x.Births.Schedules()...)
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
	for i := 0; i < len(schedules) && found == starterOthers; i++ {
		ex.endless = livelock && i == 0
		if found, at = ex.starts(schedules[i]), i; i == 0 {
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
		if lives != nil && (at > 0 || found == starterOthers && len(schedules) > 1) {
			lives.by = "" // its thread may have run another task then
		}
		if at > 0 {
			first = nil
		}
		ex.blameStarter(schedules[at], lives, first)
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

// A starter says what starts goroutines outside the explorer.
type starter uint8

const (
	starterOthers  starter = iota // other code
	starterProgram                // the program
	starterEither                 // undecidable
	starterNobody                 // the exploration ended before that was decided
)

// starts runs the program under the given schedule until it is known whether it starts goroutines outside the explorer.
func (ex *explorer) starts(ds []search.Deviation) starter {
	x := &ex.x
	runs, quiet, always := 0, 0, true
	for begin := time.Now(); runs < sureOf && always && (runs < sureIfSlow || time.Since(begin) < patientFor); runs++ {
		start := time.Now()
		if ex.replay(ds); x.Gone.Load() || engine.Uncontrolled.Load() != nil {
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

// A living is a live goroutine that a task started.
type living struct {
	engine.Birth
	by string // the task's name
}

// livingOfTasks returns a goroutine that a task of the last run started, nil if there is none.
func (ex *explorer) livingOfTasks() *living {
	for _, g := range engine.Living() {
		if t := ex.x.TaskOf(g.By); t != nil {
			return &living{g, t.Name}
		}
	}
	return nil
}

// blameStarter makes it the result that a program starts goroutines outside the explorer, one of which may be known
// to be alive. It runs the schedule once more to see which task starts them, and where.
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
