package scenarios

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/process"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "process-memory",
	Title:    "Two houses: a process cannot see the other's variable",
	Category: CategoryProcesses,
	Programs: []int{3},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "Goroutines live in one house: what one writes the others can see, and must not without a lock. A process " +
		"has a house of its own: its variable starts as the program declares it, whatever the parent has set it to, and " +
		"what it writes changes nothing in the parent. All that comes back by itself is a number, the exit status, which " +
		"the parent reads when it has waited for the process to end.",
	Look: "Main sets the variable to 100 and a goroutine adds one: main sees 101. Then a process adds one, and " +
		"reports 1: it started from 0. Main still sees 101. The exit status is 7, as the process chose.",
	Run: runProcessMemory,
})

// plates is a variable of the program. Each of its processes has its own.
var plates = struct {
	lock sync2.Mutex
	n    int
}{}

// addPlate adds one and reports the number of plates in this process.
var addPlate = process.Register("add-plate", func(ctx context.Context, to *process.Queue[report]) (int, error) {
	plates.lock.Lock()
	defer plates.lock.Unlock()
	plates.n++
	if err := tell(ctx, to, plates.n, "there are %d plates in this house", plates.n); err != nil {
		return 0, err
	}
	os.Exit(7)
	return 0, nil
})

func runProcessMemory(ctx context.Context, p Params) error {
	trace.Name(&plates.lock, "plates")
	plates.lock.Lock() // several runs may go on at the same time, all in this house
	defer plates.lock.Unlock()
	plates.n = 100
	p.Pause(ctx, 800*time.Millisecond)

	// A goroutine lives here too. Main takes the lock for it, and waits until it ends before it reads.
	goroutine := sync2.Go("lodger", func() {
		plates.n++
		trace.Log("there are %d plates in this house", plates.n)
	})
	goroutine.Join()
	here := plates.n
	p.Pause(ctx, 800*time.Millisecond)

	reports := process.NewQueue[report](0, process.Titled("reports"))
	neighbor, err := spawn(ctx, "neighbor", addPlate, reports)
	if err != nil {
		return err
	}
	neighbor.Join()
	trace.Log("%s has ended with the status %d", neighbor.Name(), neighbor.ExitCode())
	there, err := reports.GetContext(ctx)
	if err != nil {
		return err
	}
	trace.Log("%s, pid %d: %s", there.Name, there.Pid, there.Text)
	trace.Log("and here there are %d", plates.n)
	p.Pause(ctx, 800*time.Millisecond)

	switch {
	case here != 101 || plates.n != 101:
		return fmt.Errorf("there were %d plates here, and there are %d", here, plates.n)
	case there.N != 1:
		return fmt.Errorf("the process counted %d plates: it should have begun with none", there.N)
	case neighbor.ExitCode() != 7:
		return errors.Join(fmt.Errorf("the exit status is %d, want 7", neighbor.ExitCode()), neighbor.Err())
	}
	return nil
}
