// Package byhand lets a test repeat what was done by hand in a sandbox. Its goroutines make the calls they are told to
// make, one after another, each until all goroutines are blocked. The tests written by "turnstile sandbox" use it; they
// run in a bubble of testing/synctest.
package byhand

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// A Hand is a goroutine, or a function running in one, that makes the calls it is told to make.
type Hand struct {
	name string
	todo chan func() (Leave, bool)
	home func() // gives back what only this goroutine can give back
}

// A Leave describes how a function ends: its results, a panic, or runtime.Goexit.
type Leave struct {
	V      string // what it returns, or panics with
	OK     bool   // likewise
	Err    error  // likewise
	Panics bool   // it panics with V
	Exits  bool   // it calls runtime.Goexit
}

// New returns a Hand for a function that calls its Run. It calls home when the Hand is let go.
func New(name string, home func()) *Hand {
	return &Hand{name, make(chan func() (Leave, bool)), home}
}

// Start starts a goroutine that is a Hand, and waits until all goroutines are blocked. It calls home when the Hand
// ends.
func Start(name string, home func()) (*Hand, *sync2.Goroutine) {
	h := New(name, home)
	g := sync2.Go(name, func() {
		defer h.home()
		h.Run()
	})
	synctest.Wait()
	return h, g
}

// Run makes the calls that the Hand is told to make, until it is told to leave, or let go.
func (h *Hand) Run() Leave {
	for do := range h.todo {
		if l, over := do(); over {
			return l.Now()
		}
	}
	h.home()
	return Leave{OK: true, Err: errors.New("the sandbox is over")}
}

// Now panics or calls runtime.Goexit if the function ends that way, and otherwise returns l.
func (l Leave) Now() Leave {
	switch {
	case l.Panics:
		panic(l.V)
	case l.Exits:
		runtime.Goexit()
	}
	return l
}

// Leaves tells the Hand to leave its function, and waits until all goroutines are blocked.
func (h *Hand) Leaves(l Leave) {
	h.todo <- func() (Leave, bool) { return l, true }
	synctest.Wait()
}

// A Call is a call that a [Hand] was told to make.
type Call struct {
	what, came string // came is written before done is
	done       atomic.Bool
}

// Does makes the Hand call do, and waits until all goroutines are blocked.
func (h *Hand) Does(what string, do func() string) *Call {
	c := &Call{what: h.name + ": " + what}
	h.todo <- func() (Leave, bool) {
		exits := true
		defer func() {
			switch r := recover(); {
			case r != nil:
				c.came = fmt.Sprintf("panics: %v", r)
			case exits:
				c.came = "exits"
			}
			c.done.Store(true)
		}()
		c.came = do()
		exits = false
		return Leave{}, false
	}
	synctest.Wait()
	return c
}

// Waits checks that the call is still waiting.
func (c *Call) Waits(t testing.TB) {
	t.Helper()
	if c.done.Load() {
		t.Errorf("%s: does not wait, it returns %q", c.what, c.came)
	}
}

// Returns checks that the call has returned, and its result.
func (c *Call) Returns(t testing.TB, want string) {
	t.Helper()
	if !c.done.Load() {
		t.Errorf("%s: still waits; want %q", c.what, want)
	} else if c.came != want {
		t.Errorf("%s: returns %q; want %q", c.what, c.came, want)
	}
}

// Returned checks that the call has returned.
func (c *Call) Returned(t testing.TB) {
	t.Helper()
	if !c.done.Load() {
		t.Errorf("%s: still waits", c.what)
	}
}

// Pass advances the bubble's time by d, and waits until all goroutines are blocked.
func Pass(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // the time of a bubble passes at once
	synctest.Wait()
}

// Say formats the results of a call.
func Say(vals ...any) string {
	texts := make([]string, len(vals))
	for i, v := range vals {
		texts[i] = fmt.Sprint(v)
		switch v := v.(type) {
		case nil:
			texts[i] = "nil"
		case error:
			texts[i], _, _ = strings.Cut(v.Error(), "\n") // the message of a panic includes a stack
		case string:
			texts[i] = strconv.Quote(v)
		case <-chan struct{}:
			texts[i] = "open"
			select {
			case <-v:
				texts[i] = "closed"
			default:
			}
		case context.Context:
			texts[i] = "runs"
			if v.Err() != nil {
				texts[i] = "ended: " + context.Cause(v).Error()
			}
		case []*sync2.Future[string]:
			states := make([]string, len(v))
			for j, f := range v {
				states[j] = f.State().String()
			}
			texts[i] = "[" + strings.Join(states, " ") + "]"
		}
	}
	return strings.Join(texts, ", ")
}

// Ended returns a context that has already ended.
func Ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// Within returns a context that ends after d.
func Within(ctx context.Context, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(ctx, d)
	context.AfterFunc(ctx, cancel)
	return ctx
}

// LetGo ends the hands, each as soon as its current call has returned. It calls the functions in help to release those
// that are waiting.
func LetGo(hands []*Hand, help ...func()) {
	for _, h := range hands {
		close(h.todo)
	}
	for range 100 {
		synctest.Wait()
		for _, h := range help {
			func() {
				defer func() { _ = recover() }() // giving back what is no longer held may panic
				h()
			}()
			synctest.Wait()
		}
	}
}
