package lessons

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/dist"
)

// quit is what the washer puts on the rack at the end: there are no more dishes.
const quit = "quit"

// dish returns the dish with the given number, counted from 0.
func dish(i int) string { return fmt.Sprintf("dish %d", i+1) }

const allDishes = 6

// One washer and three dryers, each a process. All they share is the name of the rack.
func dishes(ctx context.Context, l *lesson) error {
	timeout := l.scale(1600*time.Millisecond, 500*time.Millisecond)
	dryers, err := l.hire(ctx, orders{Role: "dryer", Name: "dryer", Work: l.scale(900*time.Millisecond, 0), Timeout: timeout}, 1, 2, 3)
	if err != nil {
		return err
	}
	for _, w := range dryers { // so that none comes when all is done
		if _, err := w.hear(ctx); err != nil {
			return err
		}
	}
	w, err := l.start(ctx, orders{Role: "washer", Name: "washer", Work: l.scale(350*time.Millisecond, 0), N: allDishes})
	if err != nil {
		return err
	}

	// Nobody dismisses them: one hears the word, the others time out.
	dried, heard := make([]int, allDishes), 0
	for _, w := range append(dryers, w) {
		for line := range w.lines {
			var n int
			if line == quit {
				heard++
			} else if _, err := fmt.Sscanf(line, "dried dish %d", &n); err == nil {
				dried[n-1]++
			}
		}
		if w.err != nil {
			return fmt.Errorf("%s: %w", w.name, w.err)
		}
	}
	l.Log("all have gone home; one of the three has heard that it is over")
	if heard != 1 {
		return fmt.Errorf("the word was heard by %d dryers", heard)
	}
	return eachOnce(dried)
}

func eachOnce(dried []int) error {
	for i, n := range dried {
		if n != 1 {
			return fmt.Errorf("dish %d was dried %d times", i+1, n)
		}
	}
	return nil
}

// washer washes, and at the end says that it is over.
func washer(ctx context.Context, h *hand) error {
	rack, err := dist.NewQueue[string](h.Space, "rack")
	if err != nil {
		return err
	}
	for n := range h.N {
		pause(ctx, h.Work)
		if err := rack.PutContext(ctx, dish(n)); err != nil {
			return err
		}
	}
	return rack.PutContext(ctx, quit)
}

// dryer dries until it hears that it is over, or has waited long enough.
func dryer(_ context.Context, h *hand) error {
	rack, err := dist.NewQueue[string](h.Space, "rack")
	if err != nil {
		return err
	}
	h.say("ready")
	for {
		item, err := rack.GetTimeout(h.Timeout)
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			h.Log("has waited for %v, and goes home", h.Timeout)
			return nil
		case err != nil:
			return err
		case item.Value == quit:
			h.say(quit)
			h.Log("has heard that it is over, and goes home")
			return item.Done()
		}
		pause(context.Background(), h.Work)
		h.say("dried %s", item.Value)
		h.Log("has dried %s", item.Value)
		if err := item.Done(); err != nil {
			return err
		}
	}
}

// A dish is pending until a dryer takes it, in progress until that dryer reports it done, and then completed. A killed dryer reports
// nothing.
func ledger(ctx context.Context, l *lesson) error {
	const n = 5
	within := l.scale(1500*time.Millisecond, 500*time.Millisecond)
	rack, err := dist.NewQueue[string](l.Space, "rack", dist.AckWithin(within))
	if err != nil {
		return err
	}
	for i := range n {
		if err := rack.PutContext(ctx, dish(i)); err != nil {
			return err
		}
	}
	l.Log("pending: %d", n)

	// The first dryer is alone until it has a dish in its hands.
	victim, err := l.start(ctx, orders{Role: "ledger-dryer", Name: "dryer-1", Work: time.Hour, Timeout: within})
	if err != nil {
		return err
	}
	line, err := victim.hear(ctx)
	if err != nil {
		return err
	}
	pause(ctx, l.scale(700*time.Millisecond, 100*time.Millisecond)) // by then it has logged that as well
	l.Log("kills %s, which %s", victim.name, line)
	if err := l.kill(ctx, victim); err != nil {
		return err
	}

	// The others find the pending dishes, and later the one that was in progress.
	dryers, err := l.hire(ctx, orders{Role: "ledger-dryer", Name: "dryer", Work: l.scale(500*time.Millisecond, 0), Timeout: within}, 2, 3)
	if err != nil {
		return err
	}
	if err := rack.JoinContext(ctx); err != nil {
		return err
	}
	l.Log("completed: %d", n)
	dried := make([]int, n)
	for _, w := range dryers {
		lines, err := w.dismiss()
		if err != nil {
			return err
		}
		for _, line := range lines {
			var i int
			if _, err := fmt.Sscanf(line, "dried dish %d", &i); err == nil {
				dried[i-1]++
			}
		}
	}
	return eachOnce(dried)
}

// ledgerDryer dries until it is dismissed.
func ledgerDryer(ctx context.Context, h *hand) error {
	rack, err := dist.NewQueue[string](h.Space, "rack", dist.AckWithin(h.Timeout))
	if err != nil {
		return err
	}
	return each(ctx, rack, func(item *dist.Item[string]) error {
		h.say("has %s in its hands", item.Value)
		pause(ctx, h.Work)
		h.say("dried %s", item.Value)
		h.Log("has dried %s", item.Value)
		return item.Done()
	})
}
