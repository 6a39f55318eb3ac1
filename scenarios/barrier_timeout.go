package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "barrier-timeout",
	Title:    "One has had enough, and all of them go home",
	Category: CategoryPrimitives,
	Expect:   ExpectClean,
	Lesson: "Giving up at a Barrier breaks it for all, since the others could never be complete. So nobody is left " +
		"waiting: the others get the same error with the same cause at the same moment, and latecomers get it at " +
		"once instead of waiting in vain.",
	Look: "The impatient one's time runs out first. The gate breaks under its name, and those beside it leave " +
		"though their own time is not up. The late one does not even stop.",
	Params: []Param{
		{Name: "patient", Help: "number of goroutines that wait without a timeout", Default: 2, Min: 1, Max: 1000},
	},
	Run: runBarrierTimeout,
})

func runBarrierTimeout(ctx context.Context, p Params) error {
	// Room for all the patient ones, an impatient one, and one who comes too late.
	patient := p.Int("patient")
	gate := sync2.NewBarrier(patient + 2)
	trace.Name(gate, "departure")

	names := make([]string, patient+2)
	told := make([]error, patient+2)
	meet := func(i int, name string, wait func() (int, error)) *sync2.Goroutine {
		names[i] = name
		return sync2.Go(name, func() {
			_, told[i] = wait()
			trace.Log("goes home: %v", told[i])
			p.Pause(ctx, 500*time.Millisecond)
		})
	}

	var members []*sync2.Goroutine
	for i := range patient {
		members = append(members, meet(i, fmt.Sprintf("patient-%d", i+1), func() (int, error) {
			p.Pause(ctx, spread(800*time.Millisecond, i, patient))
			return gate.WaitContext(ctx)
		}))
	}

	// Only this one has a limit. When it gives up, all of them do: they have no other way to learn of it.
	members = append(members, meet(patient, "impatient", func() (int, error) {
		p.Pause(ctx, 300*time.Millisecond)
		return gate.WaitTimeout(p.Scale(1500 * time.Millisecond))
	}))
	for _, g := range members {
		g.Join()
	}

	// A barrier that is broken stays broken. It would be no use to wait: the others have gone.
	p.Pause(ctx, 500*time.Millisecond)
	meet(patient+1, "late", func() (int, error) { return gate.WaitContext(ctx) }).Join()

	var first *sync2.BrokenError
	if !errors.As(told[patient], &first) || !errors.Is(first, context.DeadlineExceeded) {
		return fmt.Errorf("the impatient one got %q, not that its time was over", fmt.Sprint(told[patient]))
	}
	for i, err := range told {
		var broken *sync2.BrokenError
		if !errors.As(err, &broken) || broken.Cause != first.Cause { //nolint:errorlint // the very same is meant
			return fmt.Errorf("%s got %q, the one that gave up got %q", names[i], fmt.Sprint(err), first.Error())
		}
	}
	return nil
}
