package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "echo-one-at-a-time",
	Title:    "A server that serves one client after another",
	Category: CategoryPools,
	Programs: []int{10, 12},
	Expect:   ExpectClean,
	Real:     true,
	Twin:     "echo-server",
	Lesson: "The simplest server accepts a connection, serves it to its end, and only then accepts the next. The " +
		"operating system connects the other clients, and they can even send, but they hear nothing until it is their " +
		"turn: one slow client holds up all of them. Compared with that, a goroutine for each client costs little.",
	Look: "All clients connect within half a second and send everything they have. The answers come one after " +
		"another, and the last client waits for as long as all the others take together.",
	Params: []Param{
		{Name: "clients", Help: "number of clients", Default: 4, Min: 1, Max: 200},
	},
	Run: runEchoOneAtATime,
})

func runEchoOneAtATime(ctx context.Context, p Params) error {
	clients := p.Int("clients")
	stay := 3 * time.Second / time.Duration(clients)
	served := 0
	most, err := echoes(ctx, p, clients, stay, func(l *listener, handle func(*conn)) {
		for c := l.next(); c != nil; c = l.next() {
			trace.Log("serves %s; all others wait", c)
			handle(c) // no other goroutine accepts meanwhile
			served++
		}
	})
	switch {
	case err != nil:
		return err
	case most != 1 || served != clients:
		return fmt.Errorf("%d of %d clients were served, up to %d at the same time", served, clients, most)
	}
	return nil
}
