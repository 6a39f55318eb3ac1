package scenarios

import (
	"context"
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// A Param is a number that can be set before a scenario runs.
type Param struct {
	Name     string
	Help     string // a line without a full stop
	Default  float64
	Min, Max float64 // both allowed
	Fraction bool    // it need not be a whole number
}

// Range describes the allowed values, such as "1 … 1000".
func (p Param) Range() string { return formatNumber(p.Min) + " … " + formatNumber(p.Max) }

// DefaultText returns the default as a user would type it.
func (p Param) DefaultText() string { return formatNumber(p.Default) }

// parse reads a value and checks its range.
func (p Param) parse(text string) (float64, error) {
	kind := "a whole number"
	if p.Fraction {
		kind = "a number"
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	switch {
	case err != nil, math.IsNaN(v), !p.Fraction && v != math.Trunc(v):
		return 0, fmt.Errorf("%s=%s: must be %s, %s", p.Name, text, kind, p.Range())
	case v < p.Min, v > p.Max:
		return 0, fmt.Errorf("%s=%s: out of range, must be %s", p.Name, text, p.Range())
	}
	return v, nil
}

func formatNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// Params are the values with which a scenario runs. [Scenario.NewParams] makes them; they never change, and are safe
// for concurrent use. A scenario that asks for a parameter that it does not have panics.
type Params struct {
	values map[string]float64
}

// NewParams returns the scenario's parameters: the values in set, by name, and the defaults for the rest. An error
// names the parameter and the allowed values.
func (s *Scenario) NewParams(set map[string]string) (Params, error) {
	values := make(map[string]float64)
	var names []string
	for _, p := range s.AllParams() {
		names = append(names, p.Name)
		values[p.Name] = p.Default
		text, ok := set[p.Name]
		if !ok {
			continue
		}
		v, err := p.parse(text)
		if err != nil {
			return Params{}, fmt.Errorf("%s: %w", s.Name, err)
		}
		values[p.Name] = v
	}
	for name := range maps.Keys(set) {
		if _, ok := values[name]; !ok {
			return Params{}, fmt.Errorf("%s has no parameter %q%s; it has %s",
				s.Name, name, didYouMean(name, names), strings.Join(names, ", "))
		}
	}
	return Params{values}, nil
}

// Pace returns the factor by which pauses are longer than written; 0 means that there are none.
func (p Params) Pace() float64 { return p.value(Pace.Name) }

// Int returns the value of a whole-number parameter.
func (p Params) Int(name string) int { return int(p.value(name)) }

func (p Params) value(name string) float64 {
	v, ok := p.values[name]
	if !ok {
		panic("scenarios: no parameter " + strconv.Quote(name))
	}
	return v
}

// Scale returns d at the pace of this run. A scenario scales its timeouts so that their proportion to the pauses is
// the same at any pace; at pace 0 a timeout is 0, which means "do not wait".
func (p Params) Scale(d time.Duration) time.Duration {
	return time.Duration(float64(d) * p.Pace())
}

// Pause sleeps for d at the pace of this run, or less if ctx ends. At pace 0 it only yields to other goroutines.
func (p Params) Pause(ctx context.Context, d time.Duration) {
	d = p.Scale(d)
	if d <= 0 {
		sync2.Yield()
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
