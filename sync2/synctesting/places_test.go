package synctesting_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/synctesting"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A pair is two locks. The compiler puts its methods into their callers, and nothing follows at once upon some calls.
type pair struct{ a, b sync2.Mutex }

func (p *pair) lockA() {
	p.a.Lock() // lockA
}

func (p *pair) lockB() { p.b.Lock() } // lockB

func (p *pair) forth() {
	p.lockA() // forth, a

	defer p.a.Unlock()
	p.
		lockB() // forth, b

	// There is no code here.

	p.b.Unlock()
}

//go:noinline
func (p *pair) back() {
	defer p.b.Unlock()
	if p.lockB(); true { // back, b
		defer p.a.Unlock()
		if !p.a.LockTimeout(1e9) { // back, a
			panic("not locked")
		}
	}
}

// The report names the exact lines, even in inlined functions.
func TestPlacesOfLocks(t *testing.T) {
	if synctesting.GuardsInternals {
		t.Skip("go-deadlock looks at the insides of the primitives")
	}
	found := synctesting.Examine(t.Context(), t.Name(), func(context.Context) error {
		var p pair
		trace.Name(&p.a, "a\x1b[31m")
		trace.Name(&p.b, "b")
		sync2.Go("ann", p.forth).Join()
		sync2.Go("ben", func() {
			p.back() // ben
		}).Join()
		return nil
	}, synctesting.Rounds(1), synctesting.Without(synctesting.Schedules))
	if len(found) != 1 {
		t.Fatalf("found %v", found)
	}
	e, ok := errors.AsType[*synctesting.LockError](found[0])
	if !ok {
		t.Fatalf("%T is no LockError", found[0].Err)
	}
	source, err := os.ReadFile("places_test.go")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(source), "\n")
	at := func(mark string) string {
		return fmt.Sprintf("places_test.go:%d", 1+slices.IndexFunc(lines, func(l string) bool { return strings.HasSuffix(l, "// "+mark) }))
	}
	const f, name = "synctesting_test.", `a\x1b[31m`
	want := fmt.Sprintf("ann took %s (%s) and then b (%s); ben took b (%s) and then %s (%s)\n", name, at("lockA"), at("lockB"), at("lockB"), name, at("back, a")) +
		"Inconsistent locking:\n" +
		"ann took " + name + ":\n" +
		"  " + at("lockA") + " " + f + "(*pair).lockA\n" +
		"  " + at("forth, a") + " " + f + "(*pair).forth\n" +
		"ann took b:\n" +
		"  " + at("lockB") + " " + f + "(*pair).lockB\n" +
		"  " + at("forth, b") + " " + f + "(*pair).forth\n" +
		"ben took b:\n" +
		"  " + at("lockB") + " " + f + "(*pair).lockB\n" +
		"  " + at("back, b") + " " + f + "(*pair).back\n" +
		"  " + at("ben") + " " + f + "TestPlacesOfLocks.func1.1\n" +
		"ben took " + name + ":\n" +
		"  " + at("back, a") + " " + f + "(*pair).back\n" +
		"  " + at("ben") + " " + f + "TestPlacesOfLocks.func1.1"
	if got := e.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
