package scenarios

import (
	"context"
	"errors"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "daemon",
	Title:    "One goroutine in the foreground, one in the background",
	Category: CategoryPrimitives,
	Programs: []int{42},
	Expect:   ExpectClean,
	Lesson: "Some goroutines do a job and end; others serve as long as the program runs. Joining one of the second " +
		"kind waits forever, unless the Join has a timeout, and then it reports only that the goroutine is still " +
		"running. Go ends them all with the program, but a library has to stop the goroutines it starts: it needs " +
		"a way to tell them, and then it can join them.",
	Look: "Main waits for the foreground one and goes on when that has ended. Then it waits for the daemon, gives " +
		"up, finds it alive, tells it to end, and waits once more, this time with success.",
	Run: runDaemon,
})

func runDaemon(ctx context.Context, p Params) error {
	var end sync2.Event
	trace.Name(&end, "end-of-service")

	// The daemon serves until it is told to end. It would do so forever.
	daemon := sync2.Go("daemon", func() {
		trace.Log("at your service")
		_ = end.WaitContext(ctx)
		p.Pause(ctx, 600*time.Millisecond) // it puts its things in order
		trace.Log("has put everything in order")
	})

	// The other one has an end of its own, so it can simply be joined.
	foreground := sync2.Go("foreground", func() {
		p.Pause(ctx, 1200*time.Millisecond)
		trace.Log("done")
	})
	foreground.Join()
	foregroundAlive := foreground.Alive()

	// A Join with a timeout does not end the daemon, and giving up does no harm to it. It says: not yet.
	joined := daemon.JoinTimeout(p.Scale(900 * time.Millisecond))
	alive := daemon.Alive()
	trace.Log("after the timeout: joined %t, alive %t", joined, alive)
	p.Pause(ctx, 500*time.Millisecond)

	// To be told to end and to have ended are two things, and between the two the daemon still uses what it uses.
	// Only after the Join is it safe to take that away.
	end.Set()
	daemon.Join()

	switch {
	case foregroundAlive:
		return errors.New("the foreground goroutine was joined and is still alive")
	case joined || !alive:
		return errors.New("the daemon ended before it was told to")
	case daemon.Alive():
		return errors.New("the daemon was joined and is still alive")
	}
	return nil
}
