package scenarios

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "lockable-dict",
	Title:    "A server of keys and values, with a lock for each key",
	Category: CategoryPools,
	Programs: []int{17, 18},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "One lock for a whole table makes everybody wait for everybody. With a lock for each key, only goroutines " +
		"that want the same key wait for each other, and the table's lock is held only as long as it takes to find the " +
		"key's lock. For each key the last write wins, and none is lost: the answer to each client is the value it has " +
		"replaced.",
	Look: "The workers take clients from the queue. At each key one of them is inside and others queue at its door, " +
		"while those with other keys go on; the room called table is hardly ever occupied.",
	Params: []Param{
		{Name: "clients", Help: "number of clients; each writes one value", Default: 40, Min: 1, Max: 200},
		{Name: "workers", Help: "number of workers the server has", Default: 50, Min: 1, Max: 200},
		{Name: "keys", Help: "number of different keys they write", Default: 5, Min: 1, Max: 200},
	},
	Run: runLockableDict,
})

// A lockableDict is a table of values, each of which has a lock.
type lockableDict struct {
	table sync2.Mutex // guards slots, but not what is in them
	slots map[string]*slot
}

type slot struct {
	lock  sync2.Mutex // guards value
	value string
}

// slot returns the slot of a key, and makes it if need be. Looking and making are one step.
func (d *lockableDict) slot(key string) *slot {
	d.table.Lock()
	defer d.table.Unlock()
	s := d.slots[key]
	if s == nil {
		s = &slot{value: "nothing"}
		trace.Name(&s.lock, key)
		d.slots[key] = s
	}
	return s
}

func runLockableDict(ctx context.Context, p Params) error {
	clients, keys := p.Int("clients"), p.Int("keys")
	l, err := listen(ctx)
	if err != nil {
		return err
	}
	dict := &lockableDict{slots: make(map[string]*slot)}
	trace.Name(&dict.table, "table")

	// A request is a line, key=value. The answer is a line with the previous value.
	answer := func(c *conn) {
		defer func() { _ = c.Close() }()
		line, _ := bufio.NewReader(c).ReadString('\n')
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok {
			return // the client learns it from the end of the connection
		}
		s := dict.slot(key)
		if s.lock.LockContext(ctx) != nil {
			return
		}
		old := s.value
		p.Pause(ctx, 3*time.Second*time.Duration(min(clients, keys))/time.Duration(clients))
		s.value = value
		s.lock.Unlock()
		_, _ = fmt.Fprintln(c, old)
	}
	waiting := sync2.NewQueue[*conn](0)
	trace.Name(waiting, "clients")
	server := start(p.Int("workers"), "worker", func(int) {
		for c := range waiting.All() {
			answer(c)
		}
	})
	server = append(server, sync2.Go("server", func() {
		for c := l.next(); c != nil; c = l.next() {
			_ = waiting.Put(c) // never fails: the queue has no bound, and is not closed yet
		}
		waiting.Close()
	}))

	replaced, errs := make([]string, clients), make([]error, clients)
	all := start(clients, "client", func(i int) {
		p.Pause(ctx, spread(800*time.Millisecond, i, clients))
		replaced[i], errs[i] = ask(l, fmt.Sprintf("key-%d=value-%d", i%keys+1, i+1))
	})
	all.Join()
	_ = l.Close()
	server.Join()

	// For each key, every value was replaced by one other, except for the last, which is still there. So the replaced
	// values and those that are left are all that were written, plus the empty value that each key began with.
	seen := make(map[string]int)
	for _, old := range replaced {
		seen[old]++
	}
	for _, s := range dict.slots {
		seen[s.value]++
	}
	for i := range clients {
		if v := fmt.Sprintf("value-%d", i+1); seen[v] != 1 && errs[i] == nil {
			errs[i] = fmt.Errorf("%s is there, or was replaced, %d times", v, seen[v])
		}
	}
	if err := errors.Join(errs...); err == nil && seen["nothing"] != len(dict.slots) {
		return fmt.Errorf("%d keys were new to %d writers", len(dict.slots), seen["nothing"])
	}
	return errors.Join(errs...)
}

// ask sends a line to the server and returns the line that comes back.
func ask(l *listener, line string) (string, error) {
	c, err := l.dial()
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }()
	if _, err := fmt.Fprintln(c, line); err != nil {
		return "", fmt.Errorf("cannot send: %w", err)
	}
	back, err := bufio.NewReader(c).ReadString('\n')
	back = strings.TrimSpace(back)
	trace.Log("%s, in place of %s", line, back)
	return back, err
}
