package scenarios_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/scenarios"
)

func example() *scenarios.Scenario {
	return &scenarios.Scenario{Name: "example", Params: []scenarios.Param{
		{Name: "workers", Help: "number of workers", Default: 3, Min: 1, Max: 64},
	}}
}

func TestParams(t *testing.T) {
	p := params(t, example())
	if p.Int("workers") != 3 || p.Pace() != 1 {
		t.Errorf("defaults: workers %d, pace %v", p.Int("workers"), p.Pace())
	}
	p = params(t, example(), "workers= 64 ", "pace=0.25")
	if p.Int("workers") != 64 || p.Pace() != 0.25 {
		t.Errorf("set: workers %d, pace %v", p.Int("workers"), p.Pace())
	}
	if d := p.Scale(time.Second); d != 250*time.Millisecond {
		t.Errorf("a second at pace 0.25 is %v", d)
	}
}

func TestBadParams(t *testing.T) {
	for _, test := range []struct{ pair, want string }{
		{"workers=65", "example: workers=65: out of range, must be 1 … 64"},
		{"workers=0", "example: workers=0: out of range, must be 1 … 64"},
		{"workers=1e99", "example: workers=1e99: out of range, must be 1 … 64"},
		{"workers=2.5", "example: workers=2.5: must be a whole number, 1 … 64"},
		{"workers=many", "example: workers=many: must be a whole number, 1 … 64"},
		{"workers=", "example: workers=: must be a whole number, 1 … 64"},
		{"pace=-1", "example: pace=-1: out of range, must be 0 … 10"},
		{"pace=NaN", "example: pace=NaN: must be a number, 0 … 10"},
		{"pace=+Inf", "example: pace=+Inf: out of range, must be 0 … 10"},
		{"worker=2", `example has no parameter "worker"; did you mean "workers"?; it has workers, pace`},
		{"zzzzzz=2", `example has no parameter "zzzzzz"; it has workers, pace`},
	} {
		name, value, _ := strings.Cut(test.pair, "=")
		_, err := example().NewParams(map[string]string{name: value})
		if err == nil || err.Error() != test.want {
			t.Errorf("%s:\n got %v\nwant %s", test.pair, err, test.want)
		}
	}
}

func TestUndeclaredParamPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("asking for an undeclared parameter did not panic")
		}
	}()
	p := params(t, example())
	p.Int("wrokers")
}

func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		params(t, example(), "pace=0").Pause(t.Context(), time.Hour)
		if d := time.Since(begin); d != 0 {
			t.Errorf("a pause at pace 0 took %v", d)
		}
		params(t, example(), "pace=2").Pause(t.Context(), time.Second)
		if d := time.Since(begin); d != 2*time.Second {
			t.Errorf("a second at pace 2 took %v", d)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		params(t, example()).Pause(ctx, time.Hour)
		if d := time.Since(begin); d != 3*time.Second {
			t.Errorf("a pause whose ctx ended after a second took %v", d-2*time.Second)
		}
	})
}
