//go:build turnstile_goroot

package explore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/pkgvars"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// driven lets the parent process choose the test's schedule, any number of times.
func (g *goTest) driven(r *anytest.Report) {
	r.Verdict = anytest.Replayed
	ask, err := os.Open(g.b.cfg.Drive + ".ask")
	if err != nil {
		r.Verdict, r.Reason = anytest.Refused, err.Error()
		return
	}
	defer ask.Close()
	tell, err := os.OpenFile(g.b.cfg.Drive+".tell", os.O_WRONLY, 0)
	if err != nil {
		r.Verdict, r.Reason = anytest.Refused, err.Error()
		return
	}
	defer tell.Close()
	g.b.vars = pkgvars.None()
	w := search.NewWatched()
	g.firstRun(w, g.mostSteps)
	if g.ex.x.Gone.Load() {
		return
	}
	g.b.vars = nil
	held := g.held()
	g.prepare()
	defer g.leave()
	refused := g.warmUp(held)
	g.ex.x.MaxSteps, g.ex.x.Enough = g.mostSteps, nil
	questions, answers := json.NewDecoder(ask), json.NewEncoder(tell)
	for {
		var q anytest.DriveRequest
		if questions.Decode(&q) != nil {
			return // the parent has closed the pipe
		}
		a := &anytest.DriveAnswer{Error: refused}
		if refused == "" {
			a = g.answer(&q, func(n int) {
				_ = answers.Encode(&anytest.DriveAnswer{ID: q.ID, More: true, Tried: n, Of: driveRuns}) // a closed pipe is noticed later
			})
		}
		a.ID = q.ID
		if answers.Encode(a) != nil {
			return
		}
	}
}

// answer answers a question.
func (g *goTest) answer(q *anytest.DriveRequest, tell func(n int)) *anytest.DriveAnswer {
	d := &drive{ex: g.ex, made: slices.Clone(q.Made), own: (*engine.Task).OfTesting}
	switch q.Do {
	case "on":
		d.tail = search.NewRandom(q.Seed)
	case "search":
		if !d.search(1, driveRuns, g.patience(tell)) && !d.strays {
			return &anytest.DriveAnswer{None: true}
		}
	case "replay":
		t, err := search.ParseToken(q.Token)
		if err != nil {
			return &anytest.DriveAnswer{Error: err.Error()}
		}
		d.made, d.tail = nil, t.Strategy()
		g.ex.x.Anytime = t.Anytime
	case "token":
		d.tail = search.ByDefault{}
		d.run()
		return &anytest.DriveAnswer{Token: g.newToken(&attempt{ds: search.DeviationsOf(&g.ex.x.View)}).String(), Error: d.astray()}
	}
	m := new(Moment)
	g.ex.untraced = false
	logged := len(raceLog())
	g.ex.drive(d, m)
	if m.Failure != nil && m.Failure.Kind == KindRace {
		m.Events = withRace(m.Events, m.Before, firstReport(raceLog()[logged:]), g.b.ofMain)
	}
	a := &anytest.DriveAnswer{Made: m.Made, Before: m.Before, Error: d.astray()}
	for _, s := range m.Steps {
		a.Steps = append(a.Steps, anytest.Step(s))
	}
	for _, c := range m.Choices {
		a.Choices = append(a.Choices, anytest.DriveChoice(c))
	}
	if m.Failure != nil {
		a.Failure = m.Failure.Error()
	}
	var b bytes.Buffer
	if err := tracefile.Write(&b, m.Events); err != nil && a.Error == "" {
		a.Error = err.Error()
	}
	a.Trace = b.Bytes()
	return a
}

// patience returns a function that is called after each run of a search, and reports when to stop. It reports the
// number of runs from time to time.
func (g *goTest) patience(tell func(n int)) func() bool {
	began, told, n := time.Now(), time.Now(), 0
	return func() bool {
		now := time.Now()
		if n++; now.Sub(told) > driveTells {
			told = now
			tell(n - 1)
			if _, err := os.Stat(g.b.cfg.Drive + ".stop"); err == nil {
				return true
			}
		}
		return now.Sub(began) > driveTime
	}
}

// driveTells is the interval at which a search reports its progress.
const driveTells = 100 * time.Millisecond

// Limits of a search for a failure from the user's position: the number of runs, and the time.
const (
	driveRuns = 5000
	driveTime = 10 * time.Second
)

// astray describes a mismatch of the choices and the program, "" if there is none.
func (d *drive) astray() string {
	if !d.strays {
		return ""
	}
	return fmt.Sprint(errStray)
}
