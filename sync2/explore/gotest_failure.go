//go:build turnstile_goroot

package explore

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// A found is a failure of a test.
type found struct {
	failure   *Failure
	places    []string
	schedule  int
	after     time.Duration
	confirmed bool
	shrunk    bool
	note      string // a further remark
}

// text returns the full text of the failure, with the token in the first line.
func (f *found) text() string {
	s := f.failure.Report()
	if f.note != "" {
		s += "  " + f.note + "\n"
	}
	return s
}

func (f *found) report() anytest.Failure {
	return anytest.Failure{
		Kind: f.failure.Kind.String(), Message: f.failure.Message, Places: f.places, Token: f.failure.Token,
		Schedule: f.schedule, After: f.after, Confirmed: f.confirmed, Shrunk: f.shrunk,
	}
}

// An attempt is a schedule in which the test failed, or may fail.
type attempt struct {
	ds      []search.Deviation
	walk    *search.Walk // the random walk that continues it; nil if none does
	made    *search.Walk // the walk that made it, with nothing else; nil if none did
	endless bool
	inFirst bool   // it was the schedule of the process's first run
	first   bool   // it must be so again
	run     uint32 // the run that followed it last
	stuck   int    // the number of steps after which it ends, since goroutines wait forever then though others could go on; 0: it does not
}

func (a *attempt) strategy() search.Strategy {
	if a.walk != nil {
		return search.Continue(a.ds, *a.walk)
	}
	return search.NewReplay(a.ds, a.endless)
}

// shorten gives the schedule by the walk that made it if a list of its deviations is too long for a token that users
// copy, and reports whether it did.
func (a *attempt) shorten() bool {
	if a.made == nil || a.walk != nil || len(a.ds) <= longestList {
		return false
	}
	a.ds, a.walk = nil, a.made
	return true
}

// tries returns the maximum number of replays of a's schedule before the failure counts as not repeatable: the walk
// through memory is right about the goroutines it finds, but now and then it misses some.
func (a *attempt) tries() int {
	if a.stuck > 0 {
		return 3
	}
	return 1
}

// repeat runs the test under the schedule of a, and returns its fault. If the race detector reports a race in the run,
// that is a failure of its own. enough is as for look.
func (g *goTest) repeat(a *attempt, enough func() bool) *engine.Fault {
	g.ex.x.EndStuck = a.stuck
	defer func() { g.ex.x.EndStuck = 0 }()
	for races := 0; ; races++ {
		s := a.strategy()
		s.Begin()
		g.look(s, enough)
		f := g.ex.x.Fault
		a.run = g.ex.x.Runs
		if f == nil || f.Kind != engine.FaultRace || g.b.token != nil || races == mostFound {
			return f
		}
		g.race(&attempt{ds: slices.Clone(a.ds), walk: a.walk, made: a.made, endless: a.endless})
	}
}

// look runs the test under a schedule chosen by s, until it ends or enough, which may be nil, returns true. Nothing may be
// concluded from the part of a run that enough ended.
func (g *goTest) look(s search.Strategy, enough func() bool) {
	x := &g.ex.x
	x.Unplaced, x.Origins, x.Enough = nil, true, enough
	defer func() { x.Unplaced, x.Origins, x.Enough = g.examined, false, g.late }()
	res := g.ex.res
	g.once(s)
	g.ex.res = res
}

// sameFault identifies a failure by its kind and positions.
func sameFault(f *engine.Fault) string {
	if f == nil {
		return ""
	}
	return Kind(f.Kind).String() + " " + strings.Join(f.PlaceList(), " ")
}

// roughly identifies a fault without determining its positions.
func roughly(f *engine.Fault) string {
	task, _, _ := strings.Cut(f.Task, "#")
	return Kind(f.Kind).String() + " " + task + " " + f.Place + " " + f.Waits
}

// mostKinds is the maximum number of apparently distinct failures examined.
const mostKinds = 100

// failedRun processes a failure of the run that has just ended, in the schedule of the attempt. The first run of the
// process is not pardoned.
func (g *goTest) failedRun(f *engine.Fault, of *attempt) {
	copied := *of
	a := &copied
	if f.Kind == engine.FaultLeak && g.b.cfg.KeepLeaks || len(g.found) >= mostFound || g.ex.x.Gone.Load() {
		return
	}
	if f.Kind == engine.FaultBadProgram {
		g.caveat(firstLine(f.Message))
		return
	}
	if g.measures(f) {
		g.caveat("a check failed that comes after " + g.measurement() + ", which is not reported: the explorer is part of what is measured there")
		return
	}
	if !a.inFirst && g.pardons(f) {
		return
	}
	if f.Kind == engine.FaultRace { // each is reported once
		a.first = a.inFirst
		g.race(a)
		return
	}
	r := roughly(f)
	if g.known[r] || len(g.known) > mostKinds {
		return
	}
	if !g.warm && (f.Kind == engine.FaultCheckFailed || f.Kind == engine.FaultPanicked) && !g.warmedUp() {
		return
	}
	g.known[r] = true
	began := time.Now()
	again := f
	if !g.slow || a.inFirst || engine.UnderRace || f.Vague || !g.follows(a) { // otherwise there is no time for that
		again = g.again(a, func(got *engine.Fault) bool { return got.Waits == f.Waits })
	}
	took := time.Since(began)
	if again == nil || again.Kind != f.Kind {
		if a.inFirst {
			a.first = true
			g.confirmFirst(f, a)
			return
		}
		g.unconfirmed(f)
		return
	}
	if id := sameFault(again); g.known[id] {
		return
	} else {
		g.known[id] = true
	}
	whole := *a
	shrunk := !g.slow && took < shrinkFor/fewestShrinks && g.shrink(a, again)
	shrunk = !a.shorten() && shrunk
	fd := g.confirm(a, again)
	if fd == nil && len(whole.ds) != len(a.ds) {
		fd = g.confirm(&whole, again)
	}
	if fd == nil {
		g.unconfirmed(f)
		return
	}
	if fd.shrunk = shrunk; !shrunk {
		fd.note = "the schedule was not shrunk to the end"
	}
	g.add(fd)
}

// follows reports whether the run that has just ended followed the schedule of a as it is.
func (g *goTest) follows(a *attempt) bool { return a.run == g.ex.x.Runs && a.stuck == 0 }

// again runs the test under the schedule of a until same, or at most as often as may be necessary, and returns its last
// fault.
func (g *goTest) again(a *attempt, same func(*engine.Fault) bool) (f *engine.Fault) {
	for n := a.tries(); n > 0 && (f == nil || !same(f)); n-- {
		f = g.repeat(a, nil)
	}
	return f
}

// warmedUp does what was postponed before the search because the test is slow, and reports whether the fault of an
// earlier schedule still stands: the variables are restored to their values at that time.
func (g *goTest) warmedUp() bool {
	x, v := &g.ex.x, g.b.vars
	how, steps, again := v.How(), x.MaxSteps, g.as()
	x.Anytime, x.Linger, x.MaxSteps = false, lingerFor, max(steps, g.tooLong.limit)
	g.refusal = g.warmUp(true)
	again()
	if g.refusal != "" {
		g.until = time.Now()
	}
	return g.refusal == "" && v.How() == how
}

// add adds a failure to those reported.
func (g *goTest) add(fd *found) {
	fd.schedule, fd.after = g.schedules, time.Since(g.began)
	if len(g.found) == 0 {
		g.enough = time.Now().Add(moreTime)
	}
	g.found = append(g.found, fd)
}

// unconfirmed adds a note about a failure that did not repeat.
func (g *goTest) unconfirmed(f *engine.Fault) {
	g.note("a schedule failed once and not again: " + failureOf(f).Error())
	g.caveat("it is not deterministic for a given schedule")
}

// A goShortening is the search for a shorter schedule in which a test fails in the same way.
type goShortening struct {
	g    *goTest
	want string
	end  time.Time
}

func (s *goShortening) Enough() bool { return time.Now().After(s.end) || s.g.ex.x.Gone.Load() }

func (s *goShortening) Replay(ds []search.Deviation, _ int) (got []search.Deviation, same bool) {
	f := s.g.repeat(&attempt{ds: ds}, s.Enough)
	s.g.progress()
	x := &s.g.ex.x
	return search.DeviationsOf(&x.View), !x.Cut && sameFault(f) == s.want
}

func (s *goShortening) Try(st search.Strategy) (got []search.Deviation, same bool) {
	x := &s.g.ex.x
	s.g.look(st, s.Enough)
	st.End(&x.View)
	return search.DeviationsOf(&x.View), !x.Cut && sameFault(x.Fault) == s.want
}

// shrinkFor is the maximum time spent looking for a shorter schedule, shrinkPart the divisor of the remaining time that
// gives the time for that, unless it is less than shrinkAtLeast, and fewestShrinks the number of attempts there must be
// time for: a few make a long schedule hardly shorter.
const (
	shrinkFor     = 5 * time.Second
	shrinkPart    = 4
	shrinkAtLeast = time.Second
	fewestShrinks = 32
)

// shrink shortens the schedule, and reports whether it finished doing so.
func (g *goTest) shrink(a *attempt, f *engine.Fault) bool {
	if a.endless || a.walk != nil || a.stuck > 0 { // omitting a few deviations would not make it short
		return true
	}
	x := &g.ex.x
	defer func(most int) { x.MaxSteps = most }(x.MaxSteps)
	x.MaxSteps = min(x.MaxSteps, 2*len(x.Steps)+longRun) // without some of its deviations it may never end
	limit := max(min(time.Until(g.until)/shrinkPart, shrinkFor), shrinkAtLeast)
	s := &goShortening{g, sameFault(f), time.Now().Add(limit)}
	a.ds = search.Shorten(a.ds, s)
	return !s.Enough()
}

// longestTraced is the maximum number of steps of a schedule that is traced although no recording was requested, and
// mostTraced the maximum product of it and the number of tasks, each of which may change at each step. Without a trace,
// less is known about holders and names of objects, and only the last steps, longestTraced at most, are recorded.
const (
	longestTraced = 20_000
	mostTraced    = 10_000_000
)

// record runs the schedule of a, which is expected to have the given number of steps, once more, and returns its failure
// with all details; nil if there is none.
func (g *goTest) record(a *attempt, steps int) *found {
	ex, x := g.ex, &g.ex.x
	ex.endless = a.endless
	if ex.untraced = g.b.cfg.Record == "" && (steps > longestTraced || steps*x.TaskCount > mostTraced); ex.untraced {
		x.NoteFrom = max(0, steps-longestTraced)
	}
	x.Unplaced, x.Enough, x.EndStuck = nil, nil, a.stuck
	defer func() { x.Unplaced, x.Enough, x.EndStuck, x.NoteFrom = g.examined, g.late, 0, 0 }()
	var got *engine.Fault
	f := ex.record(func() *engine.Fault {
		s := a.strategy()
		s.Begin()
		res := ex.res
		ex.run(s)
		ex.res = res
		got = x.Fault
		return got
	}, nil)
	ex.endless = false
	if got == nil {
		return nil
	}
	f.Token = g.newToken(a).String()
	f.Deviations = len(search.DeviationsOf(&x.View))
	return &found{failure: f, places: got.PlaceList()}
}

// newToken returns the token of the run that has just ended.
func (g *goTest) newToken(a *attempt) *search.Token {
	x := &g.ex.x
	t := &search.Token{
		Name: g.name, Package: search.TokenName(g.b.pkg), Sources: g.b.sourceHashes(), First: a.first, Race: engine.UnderRace,
		Anytime: x.Anytime, Endless: a.endless, Amid: a.stuck > 0, Walk: a.walk, Deviations: a.ds, Steps: len(x.Steps),
	}
	t.Hash, t.Samples = x.Digest(search.Stride(t.Steps))
	return t
}

// endless reports as a failure that the test did not end within the maximum number of steps, although the schedule
// was fair after the deviations. Whether it would end later is unknown and not claimed.
func (g *goTest) endless(ds []search.Deviation, w search.Walk) {
	a := &attempt{ds: ds, walk: &w, endless: true}
	fd := g.recordEndless(a)
	if fd == nil {
		return
	}
	id := "livelock " + strings.Join(fd.places, " ")
	if g.known[id] {
		return
	}
	g.known[id] = true
	if g.inFresh(fd.failure.Token, KindLivelock, fd.places) != nil {
		fd.confirmed, fd.shrunk = true, true
		g.add(fd)
		return
	}
	g.note(fmt.Sprintf("a schedule had not ended once after %d steps under a fair scheduler, and not in the same way again", g.mostSteps))
	g.caveat("it is not deterministic for a given schedule")
}

// endlessSteps is the number of steps recorded of a run that does not end.
const endlessSteps = 3_000

func (g *goTest) recordEndless(a *attempt) *found {
	x := &g.ex.x
	n := x.MaxSteps
	x.MaxSteps, x.Patient = endlessSteps, false
	if len(a.ds) > 0 {
		x.MaxSteps += a.ds[len(a.ds)-1].Step
	}
	fd := g.record(a, x.MaxSteps)
	x.MaxSteps, x.Patient = n, true
	if fd == nil || fd.failure.Kind != KindLivelock {
		return nil
	}
	fd.failure.Message = fmt.Sprintf("the test has not ended after %d steps under a fair scheduler", n)
	fd.places = nil
	notes := x.Notes
	for _, n := range notes[max(0, len(notes)-300):] {
		if n.Where != "" && !slices.Contains(fd.places, n.Where) {
			fd.places = append(fd.places, n.Where)
		}
	}
	slices.Sort(fd.places)
	fd.places = fd.places[:min(len(fd.places), 6)]
	return fd
}

// workingDir is the directory in which the process was started.
var workingDir, _ = os.Getwd()

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
