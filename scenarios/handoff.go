package scenarios

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "handoff",
	Title:    "Two goroutines that run one at a time",
	Category: CategoryPools,
	Expect:   ExpectClean,
	Lesson: "Coroutines do not run at the same time: each runs until it yields to the other, and continues where it " +
		"was when the other yields back. Two semaphores without permits do this: a goroutine releases the other's " +
		"semaphore to give it its turn, and acquires its own to wait for its own turn. Data that only the goroutine " +
		"whose turn it is uses needs no lock.",
	Look: "Ping says one line, pong the next. One of them always runs while the other waits for its turn, and the " +
		"permit goes back and forth between them.",
	Params: []Param{
		{Name: "turns", Help: "number of turns that each of them has", Default: 4, Min: 1, Max: 1000},
	},
	Run: runHandoff,
})

func runHandoff(ctx context.Context, p Params) error {
	turns := p.Int("turns")
	var said []string // belongs to the one whose turn it is

	// speak says its word in each of its turns, and then yields.
	speak := func(word string, mine, other *sync2.Semaphore) {
		for range turns {
			if mine.AcquireContext(ctx) != nil {
				return
			}
			said = append(said, word)
			trace.Log("%s", word)
			p.Pause(ctx, 3200*time.Millisecond/time.Duration(2*turns))
			other.Release()
		}
	}

	ping, pong := sync2.NewSemaphore(0), sync2.NewSemaphore(0)
	trace.Name(ping, "turn-of-ping")
	trace.Name(pong, "turn-of-pong")
	a := sync2.Go("ping", func() { speak("ping", ping, pong) })
	b := sync2.Go("pong", func() { speak("pong", pong, ping) })

	// Both wait. Nothing happens until main starts the first turn.
	p.Pause(ctx, 600*time.Millisecond)
	ping.Release()
	a.Join()
	b.Join()

	if want := slices.Repeat([]string{"ping", "pong"}, turns); !slices.Equal(said, want) {
		return fmt.Errorf("they said %q, want %q", said, want)
	}
	return nil
}
