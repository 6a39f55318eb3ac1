package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "echo-server",
	Title:    "A server with a goroutine for each client, and one with a pool",
	Category: CategoryPools,
	Programs: []int{8, 13, 15, 16},
	Expect:   ExpectClean,
	Real:     true,
	Twin:     "echo-one-at-a-time",
	Lesson: "A server can start a goroutine for each client: nobody waits, and nothing limits the number of " +
		"goroutines. Or a fixed number of handlers can take the clients from a queue: then a rush makes clients wait, " +
		"but does not bring down the server. Both send back every byte they receive.",
	Look: "In the first act as many handlers appear as there are clients, and vanish with them. In the second there " +
		"are two from beginning to end, and the connections wait in the queue.",
	Params: []Param{
		{Name: "clients", Help: "number of clients", Default: 6, Min: 1, Max: 200},
		{Name: "handlers", Help: "number of handlers in the pool", Default: 2, Min: 1, Max: 200},
	},
	Run: runEchoServer,
})

func runEchoServer(ctx context.Context, p Params) error {
	clients, handlers := p.Int("clients"), p.Int("handlers")
	stay := 2200 * time.Millisecond * time.Duration(min(clients, handlers)) / time.Duration(clients)
	most, err := echoes(ctx, p, clients, stay, func(l *listener, handle func(*conn)) {
		var handling []*sync2.Goroutine
		for c := l.next(); c != nil; c = l.next() {
			handling = append(handling, sync2.Go(fmt.Sprintf("handler-%d", len(handling)+1), func() { handle(c) }))
		}
		for _, g := range handling {
			g.Join()
		}
	})
	trace.Log("with a goroutine for each client: %d at the same time", most)
	if err != nil {
		return err
	}

	most, err = echoes(ctx, p, clients, stay, func(l *listener, handle func(*conn)) {
		waiting := sync2.NewQueue[*conn](0)
		trace.Name(waiting, "clients")
		pool := start(handlers, "pooled", func(int) {
			for c := range waiting.All() {
				handle(c)
			}
		})
		for c := l.next(); c != nil; c = l.next() {
			_ = waiting.Put(c) // never fails: the queue has no bound, and is not closed yet
		}
		waiting.Close()
		pool.Join()
	})
	trace.Log("with a pool: %d at the same time", most)
	if err == nil && most > handlers {
		err = fmt.Errorf("%d handlers served %d clients at the same time", handlers, most)
	}
	return err
}

// echoes runs a server and its clients, serves each of them for at least stay, and returns the largest number that
// were served at the same time.
func echoes(ctx context.Context, p Params, clients int, stay time.Duration,
	serve func(*listener, func(*conn)),
) (most int, err error) {
	l, err := listen(ctx)
	if err != nil {
		return 0, err
	}
	var lock sync2.Mutex // guards active and most
	active := 0
	count := func(n int) {
		lock.Lock()
		defer lock.Unlock()
		active += n
		most = max(most, active)
	}
	server := sync2.Go("server", func() {
		serve(l, func(c *conn) {
			defer func() { _ = c.Close() }()
			count(1)
			defer count(-1)
			p.Pause(ctx, stay)
			_, _ = io.Copy(c, c) // until the client has sent everything; the client notices if anything is missing
		})
	})

	errs := make([]error, clients)
	all := start(clients, "client", func(i int) {
		p.Pause(ctx, spread(600*time.Millisecond, i, clients))
		errs[i] = shout(l, strings.Repeat(fmt.Sprintf("hello from client %d! ", i+1), 50))
	})
	all.Join()
	_ = l.Close() // no more clients will come
	server.Join()
	return most, errors.Join(errs...)
}

// shout sends a text to the server and checks that the same text comes back.
func shout(l *listener, text string) error {
	c, err := l.dial()
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, text); err != nil {
		return fmt.Errorf("cannot send: %w", err)
	}
	if err := c.CloseWrite(); err != nil { // no more to send; the other direction stays open
		return fmt.Errorf("cannot close the sending side: %w", err)
	}
	back, err := io.ReadAll(c)
	if err == nil && string(back) != text {
		err = fmt.Errorf("sent %d bytes, but got %d back, or different ones", len(text), len(back))
	}
	return err
}
