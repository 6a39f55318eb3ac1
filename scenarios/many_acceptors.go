package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "many-acceptors",
	Title:    "Sixteen goroutines accept from one listener",
	Category: CategoryPools,
	Programs: []int{14},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "A listener may be shared: any number of goroutines can wait in Accept, and each connection goes to " +
		"one of them and to no other. So a fixed number of servers needs neither a queue nor a dispatcher; the " +
		"operating system is both. There are never more clients being served than acceptors.",
	Look: "All acceptors wait at the same door. Whenever a client connects, one of them takes it, serves it, and " +
		"comes back to the door. The log says which acceptor got which client.",
	Params: []Param{
		{Name: "acceptors", Help: "number of goroutines that accept and serve", Default: 16, Min: 1, Max: 200},
		{Name: "clients", Help: "number of clients", Default: 20, Min: 1, Max: 200},
	},
	Run: runManyAcceptors,
})

func runManyAcceptors(ctx context.Context, p Params) error {
	acceptors, clients := p.Int("acceptors"), p.Int("clients")
	stay := 2 * time.Second * time.Duration(min(acceptors, clients)) / time.Duration(clients)

	// Each count is its acceptor's own: no other goroutine writes it, and it is read when all have ended.
	served := make([]int, acceptors)
	most, err := echoes(ctx, p, clients, stay, func(l *listener, handle func(*conn)) {
		all := start(acceptors, "acceptor", func(i int) {
			for c := l.next(); c != nil; c = l.next() {
				served[i]++
				trace.Log("serves %s", c)
				handle(c)
			}
		})
		all.Join()
	})

	sum := 0
	for _, n := range served {
		sum += n
	}
	if sum != clients || most > acceptors {
		err = errors.Join(err, fmt.Errorf("%d acceptors served %d of %d clients, up to %d at the same time",
			acceptors, sum, clients, most))
	}
	return err
}
