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
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// driven lets whoever has started the process decide in what order the test runs, as often as they want to.
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
	g.b.vars = &vars{how: notAtAll}
	w := search.NewWatched()
	g.firstRun(w)
	refused := ""
	if g.ex.x.Gone.Load() {
		return
	}
	g.b.vars = nil
	g.prepare()
	defer g.b.vars.leave()
	refused = g.warmUp()
	g.ex.x.MaxSteps, g.ex.x.Enough = mostGoSteps, nil
	questions, answers := json.NewDecoder(ask), json.NewEncoder(tell)
	for {
		var q anytest.DriveRequest
		if questions.Decode(&q) != nil {
			return // nobody asks any more
		}
		a := &anytest.DriveAnswer{Error: refused}
		if refused == "" {
			a = g.answer(&q)
		}
		a.ID = q.ID
		if answers.Encode(a) != nil {
			return
		}
	}
}

// answer answers a question.
func (g *goTest) answer(q *anytest.DriveRequest) *anytest.DriveAnswer {
	d := &drive{ex: g.ex, made: slices.Clone(q.Made), own: (*engine.Task).OfTesting}
	switch q.Do {
	case "on":
		d.tail = search.NewRandom(q.Seed)
	case "search":
		if !g.searchFrom(d) {
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
		g.drivenRun(d)
		return &anytest.DriveAnswer{Token: g.newToken(&attempt{ds: search.DeviationsOf(&g.ex.x.View)}).String(), Error: d.astray()}
	}
	m := new(Moment)
	g.ex.untraced = false
	g.ex.drive(d, m)
	a := &anytest.DriveAnswer{Made: m.Made, Error: d.astray()}
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

// drivenRun runs the test as d decides, without a recording.
func (g *goTest) drivenRun(d *drive) {
	x := &g.ex.x
	x.Verbose, x.Notes = true, x.Notes[:0] // what is of package testing is told by where it is
	defer func() { x.Verbose = false }()
	d.Begin()
	g.once(d)
}

// How many runs there are at most in which a failure is looked for from where the user is, and how long that may take.
const (
	driveRuns = 5000
	driveTime = 10 * time.Second
)

// searchFrom looks for choices that lead from those of d to a failure, and puts them into d.
func (g *goTest) searchFrom(d *drive) bool {
	walk, end := search.NewRandom(1), time.Now().Add(driveTime)
	for n := 0; n < driveRuns && time.Now().Before(end); n++ {
		try := &drive{ex: g.ex, made: slices.Clone(d.made), own: d.own, tail: walk}
		if g.drivenRun(try); try.strays {
			return false
		}
		if g.ex.x.Fault != nil {
			d.made = try.made
			return true
		}
	}
	return false
}

// astray says that the choices were not those of the program, "" if they were.
func (d *drive) astray() string {
	if !d.strays {
		return ""
	}
	return fmt.Sprint(errStray)
}
