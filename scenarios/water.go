package scenarios

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var waterParams = []Param{{Name: "molecules", Help: "number of molecules, of three atoms each", Default: 2, Min: 1, Max: 300}}

var _ = register(&Scenario{
	Name:     "water-unmixed",
	Title:    "Two permits for hydrogen and one for oxygen do not make water",
	Category: CategoryClassics,
	Expect:   ExpectViolation,
	Twin:     "water",
	Lesson: "A molecule of water takes two atoms of hydrogen and one of oxygen. One semaphore lets at most two " +
		"hydrogens in, another at most one oxygen; it looks as if any three atoms in the vessel had to be water. But a " +
		"limit says how many may be there at a time, not which ones must be: an atom goes through alone, gives its " +
		"permit back, and the next of its kind follows.",
	Look: "Hydrogen after hydrogen goes through while no oxygen has come yet. The bonds, read three by three, are " +
		"not two H and one O.",
	Params: waterParams,
	Hints: []string{
		"No more than two hydrogens are in the vessel at a time. See whether anything makes them wait for an oxygen.",
		"An atom bonds and gives its permit back. See which atom may take that permit before the molecule is complete.",
		"A hydrogen bonds and releases, and a third one takes that permit: H, H, H. Between taking the permit and " +
			"bonding all three have to meet, for example at a Barrier.",
	},
	Run: runWaterUnmixed,
})

var _ = register(&Scenario{
	Name:     "water",
	Title:    "Two hydrogens and one oxygen meet at a barrier",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "water-unmixed",
	Lesson: "The semaphores choose who may be part of the next molecule: two of hydrogen and one of oxygen. A barrier " +
		"for three then makes them wait for each other. An atom gives its permit back only after it has bonded, so the " +
		"next molecule cannot be complete before this one is. Limits choose, a barrier brings together; the problem " +
		"needs both.",
	Look: "Atoms with a permit stand at the barrier until there are two H and one O; the others queue at the " +
		"semaphores. Three go through together, and their permits let in the next three.",
	Params: waterParams,
	Run:    runWater,
})

func runWaterUnmixed(ctx context.Context, p Params) error {
	// The permits let in two of one kind and one of the other: that is what a molecule takes.
	return makeWater(ctx, p, func() error { return nil })
}

func runWater(ctx context.Context, p Params) error {
	vessel := sync2.NewBarrier(3)
	trace.Name(vessel, "vessel")

	// No atom bonds before there are three, and the three that meet are those that bond.
	return makeWater(ctx, p, func() error {
		_, err := vessel.WaitContext(ctx)
		return err // nothing looks at it
	})
}

// makeWater lets atoms react, each of which calls meet before it bonds, and checks that every three bonds, counted from
// the first, make one molecule.
func makeWater(ctx context.Context, p Params, meet func() error) error {
	molecules := p.Int("molecules")
	hydrogen, oxygen := sync2.NewBoundedSemaphore(2), sync2.NewBoundedSemaphore(1)
	trace.Name(hydrogen, "hydrogen")
	trace.Name(oxygen, "oxygen")

	var lock sync2.Mutex // guards bonds
	trace.Name(&lock, "record")
	var bonds strings.Builder
	bond := func(symbol string) {
		lock.Lock()
		defer lock.Unlock()
		bonds.WriteString(symbol)
	}
	react := func(symbol string, permits *sync2.Semaphore) {
		if permits.AcquireContext(ctx) != nil {
			return
		}
		defer permits.Release()
		if meet() != nil {
			return
		}
		bond(symbol)
		p.Pause(ctx, 1200*time.Millisecond/time.Duration(molecules))
	}

	// The hydrogen comes first, so that all wait for the oxygen.
	come := func(symbol string, n int, from time.Duration, permits *sync2.Semaphore) crew {
		return start(n, symbol, func(i int) {
			p.Pause(ctx, from+spread(1200*time.Millisecond, i, n))
			react(symbol, permits)
		})
	}
	hydrogens := come("H", 2*molecules, 0, hydrogen)
	oxygens := come("O", molecules, 1200*time.Millisecond, oxygen)
	hydrogens.Join()
	oxygens.Join()

	made := bonds.String()
	if len(made) != 3*molecules {
		return fmt.Errorf("%d of %d atoms have bonded", len(made), 3*molecules)
	}
	for i := 0; i < len(made); i += 3 {
		if m := made[i : i+3]; strings.Count(m, "H") != 2 {
			return fmt.Errorf("the bonds were %s: %s is not water", made, m)
		}
	}
	return nil
}
