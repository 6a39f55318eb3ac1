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
	Lesson: "A server can start a goroutine for each client: nobody waits, and nobody knows how many there will be. " +
		"Or a fixed number of handlers take the clients from a queue: then a rush makes clients wait but not the " +
		"server fall over. Both send back every byte that they get.",
	Look: "In the first act as many handlers appear as there are clients, and vanish with them. In the second there " +
		"are two, from the beginning to the end, and the connections stand in the queue.",
	Params: []Param{
		{Name: "clients", Help: "how many come", Default: 6, Min: 1, Max: 200},
		{Name: "handlers", Help: "how many the pool has", Default: 2, Min: 1, Max: 200},
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
			_ = waiting.Put(c) // it has room for any number, and is not closed yet
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

// echoes runs a server and its clients, each of whom is served for as long as stay at least, and returns how many of
// them were served at the same time at most.
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
			_, _ = io.Copy(c, c) // until the client has said everything; the client finds what is missing
		})
	})

	errs := make([]error, clients)
	all := start(clients, "client", func(i int) {
		p.Pause(ctx, spread(600*time.Millisecond, i, clients))
		errs[i] = shout(l, strings.Repeat(fmt.Sprintf("hello from client %d! ", i+1), 50))
	})
	all.Join()
	_ = l.Close() // nobody else will come
	server.Join()
	return most, errors.Join(errs...)
}

// shout sends a text to the server and compares it with what comes back.
func shout(l *listener, text string) error {
	c, err := l.dial()
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, text); err != nil {
		return fmt.Errorf("cannot send: %w", err)
	}
	if err := c.CloseWrite(); err != nil { // that was all; the other direction stays open
		return fmt.Errorf("cannot say that this is all: %w", err)
	}
	back, err := io.ReadAll(c)
	if err == nil && string(back) != text {
		err = fmt.Errorf("sent %d bytes, and %d came back, or others", len(text), len(back))
	}
	return err
}
