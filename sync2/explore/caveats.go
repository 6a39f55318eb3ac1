package explore

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
)

// caveat adds a reason why it is not known that every schedule passes.
func (r *Result) caveat(words string) {
	if !slices.Contains(r.Caveats, words) {
		r.Caveats = append(r.Caveats, words)
	}
}

// limit adds what is not known though every schedule was tried.
func (r *Result) limit(c *engine.Claims) {
	if n := len(c.Idle); n > engine.MaxIdle {
		r.caveat(listed(c.Idle[:engine.MaxIdle]) + " and others did nothing that can be ordered")
	} else if n > 0 {
		r.caveat(listed(c.Idle) + " did nothing that can be ordered")
	}
	if n := bits.OnesCount8(c.Random); n == 1 {
		r.caveat("only one sequence of random numbers and map orders was tried")
	} else if n > 0 {
		r.caveat(fmt.Sprintf("%d sequences of random numbers and map orders were tried", n))
	}
	if c.Outside != "" {
		r.caveat("it is " + unrepeatable(c))
		return // such a goroutine may have ended a context
	}
	if c.Ctx {
		r.caveat("a context ended without an operation of the explorer; use E.WithCancel")
	}
}

// unrepeatable says why a program is not deterministic for a given schedule.
func unrepeatable(c *engine.Claims) string {
	return "not repeatable, since it waits for what comes from outside: " + c.Outside
}

// listed returns names in words: "ann, ben and cat".
func listed(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return fmt.Sprintf("%s and %s", joinNames(names[:last]), names[last])
}
