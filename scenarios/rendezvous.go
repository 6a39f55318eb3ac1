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
	Name:     "rendezvous",
	Title:    "Two meet and exchange letters",
	Category: CategoryPrimitives,
	Expect:   ExpectClean,
	Lesson: "Two goroutines meet at a point that neither passes before the other is there. It takes two semaphores " +
		"without permits: each goroutine first signals that it has arrived, and then waits for the other. The order " +
		"matters: if both wait first and signal afterwards, neither ever signals.",
	Look: "The first to arrive leaves a permit at its own semaphore and waits at the other's. The second finds that " +
		"permit and does not wait at all. They take turns being late.",
	Params: []Param{
		{Name: "meetings", Help: "number of times that they meet", Default: 4, Min: 1, Max: 1000},
	},
	Run: runRendezvous,
})

func runRendezvous(ctx context.Context, p Params) error {
	meetings := p.Int("meetings")
	annCame, benCame := sync2.NewSemaphore(0), sync2.NewSemaphore(0)
	trace.Name(annCame, "ann-has-come")
	trace.Name(benCame, "ben-has-come")

	// A letter for each meeting, in both directions. There is no lock: it is enough that one writes before the meeting
	// and the other reads after it.
	fromAnn, fromBen := make([]string, meetings), make([]string, meetings)

	// meet goes to all meetings. The one that is late for the first is early for the second.
	meet := func(name string, late int, write, read []string, came, other *sync2.Semaphore) (err error) {
		for k := range meetings {
			p.Pause(ctx, time.Duration(1+3*((k+late)%2))*800*time.Millisecond/time.Duration(meetings))
			write[k] = fmt.Sprintf("%s, letter %d", name, k+1)

			// First signal, then wait. A semaphore remembers: if the other is not there yet, it will find the permit.
			came.Release()
			if other.AcquireContext(ctx) != nil {
				return err
			}
			if read[k] == "" {
				err = fmt.Errorf("%s was alone at meeting %d", name, k+1)
			}
			trace.Log("got %q", read[k])
		}
		return err
	}

	var annErr, benErr error
	ann := sync2.Go("ann", func() { annErr = meet("ann", 0, fromAnn, fromBen, annCame, benCame) })
	ben := sync2.Go("ben", func() { benErr = meet("ben", 1, fromBen, fromAnn, benCame, annCame) })
	ann.Join()
	ben.Join()

	if a, b := annCame.Available(), benCame.Available(); a != 0 || b != 0 {
		annErr = errors.Join(annErr, fmt.Errorf("after the last meeting ann is expected %d times more and ben %d times", a, b))
	}
	return errors.Join(annErr, benErr)
}
