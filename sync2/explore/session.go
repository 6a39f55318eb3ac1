package explore

import (
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// TokenProgram returns the name of the program to which a token belongs. The name contains only printable characters.
func TokenProgram(s string) (string, error) {
	t, err := search.ParseToken(s)
	if err != nil {
		return "", fmt.Errorf("explore: %w", err)
	}
	return t.Name, nil
}

// TokenTest returns the import path of the package and the name of the test to which a token of "turnstile test"
// belongs, and reports whether the test ran under the race detector. It returns an error for any other token.
func TokenTest(s string) (pkg, test string, race bool, err error) {
	t, err := search.ParseToken(s)
	if err != nil {
		return "", "", false, fmt.Errorf("explore: %w", err)
	}
	if t.Package == "" {
		return "", "", false, fmt.Errorf("explore: the token is of the program %q, not of a test that \"turnstile test\" has run", t.Name)
	}
	return t.Package, t.Name, t.Race, nil
}

// replayStage returns the only stage of an exploration that replays a token.
func replayStage(o *options, name string) (stage, error) {
	t, err := search.ParseToken(o.token)
	switch {
	case err != nil:
		return stage{}, err
	case t.Name != search.TokenName(name):
		return stage{}, fmt.Errorf("it is of the program %q, and this is %q", t.Name, search.TokenName(name))
	case t.Endless && t.Steps > o.maxSteps:
		return stage{}, fmt.Errorf("it is of a run of %d operations, and a run may have %d; see Steps", t.Steps, o.maxSteps)
	}
	o.anytime = t.Anytime
	if t.Endless && t.Steps > 0 {
		o.maxSteps = t.Steps
	}
	o.replayed = &t
	return stage{"replay", func(*options) search.Strategy { return t.Strategy() }, 1}, nil
}

// longestList is the maximum number of deviations in a token, if the schedule can be given otherwise.
const longestList = 1_000

// maxShrinkSteps is the maximum number of operations in all runs that look for a shorter schedule.
const maxShrinkSteps = 3_000_000

// A shortening is the search for a shorter schedule in which a program fails in the same way.
type shortening struct {
	ex   *explorer
	want *engine.Fault
	last int64     // the number of operations at which it must end
	end  time.Time // when it must end, if the program waits for outside input
}

func (s *shortening) Enough() bool {
	return s.ex.res.Steps > s.last || s.ex.stopped() || s.ex.outside() && time.Now().After(s.end)
}

func (s *shortening) Replay(ds []search.Deviation, best int) (got []search.Deviation, same bool) {
	s.ex.best = fmt.Sprintf("%s, %s", Kind(s.want.Kind), count(best, "deviation"))
	s.ex.report()
	f := s.ex.replay(ds)
	return search.DeviationsOf(&s.ex.x.View), f != nil && f.ID() == s.want.ID()
}

func (s *shortening) Try(st search.Strategy) (got []search.Deviation, same bool) {
	x := &s.ex.x
	s.ex.run(st)
	st.End(&x.View)
	return search.DeviationsOf(&x.View), x.Fault != nil && x.Fault.ID() == s.want.ID()
}
