package timeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// crowd returns the events of n goroutines that wait for one object and are released one after the other.
func crowd(n int, class trace.Class, verb string) []trace.Event {
	var events []trace.Event
	add := func(ev trace.Event) {
		ev.Seq, ev.Time = uint64(len(events)+1), int64(len(events))*1000
		events = append(events, ev)
	}
	add(trace.Event{Kind: trace.KindDefineObj, Obj: 1, Class: class, N: int64(n), Text: "it"})
	for g := range int64(n) {
		add(trace.Event{Kind: trace.KindDefineG, G: g + 1, Text: fmt.Sprintf("g-%d", g)})
		add(trace.Event{Kind: trace.KindWatch, G: g + 1, Obj: trace.ID(g + 10), Peer: 1})
	}
	for g := range int64(n) {
		if class == trace.ClassBarrier {
			add(trace.Event{Kind: trace.KindArrive, G: g + 1, Obj: 1, N: g})
		}
		add(trace.Event{Kind: trace.KindBlock, G: g + 1, Obj: 1, N: 1, Text: verb})
	}
	for g := range int64(n) {
		add(trace.Event{Kind: trace.KindUnblock, G: g + 1, Obj: 1, Peer: 1})
		switch class {
		case trace.ClassSemaphore, trace.ClassMutex:
			add(trace.Event{Kind: trace.KindAcquire, G: g + 1, Obj: 1, N: 1})
		case trace.ClassQueue:
			add(trace.Event{Kind: trace.KindPut, G: g + 1, Obj: 1, N: g, Peer: g, Text: "x"})
		case trace.ClassLocal:
			add(trace.Event{Kind: trace.KindSetValue, G: g + 1, Obj: 1, Text: "x"})
		}
		add(trace.Event{Kind: trace.KindResume, G: g + 1, Obj: 1})
		if class == trace.ClassMutex {
			add(trace.Event{Kind: trace.KindRelease, G: g + 1, Obj: 1})
		}
	}
	for g := range int64(n) {
		switch class {
		case trace.ClassSemaphore:
			add(trace.Event{Kind: trace.KindRelease, G: g + 1, Obj: 1, N: 1})
		case trace.ClassQueue:
			add(trace.Event{Kind: trace.KindGet, G: g + 1, Obj: 1, N: g})
		}
		add(trace.Event{Kind: trace.KindExit, G: g + 1})
	}
	return events
}

// Long work stops when its context ends.
func TestExportsGiveUp(t *testing.T) {
	events := crowd(20_000, trace.ClassMutex, "Lock")
	cause := errors.New("enough")
	for name, work := range map[string]func(context.Context, io.Writer) error{
		"text":     func(ctx context.Context, w io.Writer) error { return WriteText(ctx, w, events) },
		"mermaid":  func(ctx context.Context, w io.Writer) error { return WriteMermaid(ctx, w, events) },
		"perfetto": func(ctx context.Context, w io.Writer) error { return WritePerfetto(ctx, w, events) },
		"load": func(ctx context.Context, w io.Writer) error {
			return new(Timeline).Load(ctx, events, func(int) { _, _ = w.Write(nil) })
		},
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		n := 0
		err := work(ctx, writerFunc(func(b []byte) (int, error) {
			n += max(len(b), 100)
			cancel(cause)
			return len(b), nil
		}))
		if err != cause { //nolint:errorlint // it is the cause itself
			t.Errorf("%s: error %v", name, err)
		}
		if n > 2*checkContext*200 {
			t.Errorf("%s: %d bytes after that", name, n)
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// Where many goroutines hold a semaphore and many wait for it, no waiter keeps a list of all holders.
func TestDeadlocksOfManyHolders(t *testing.T) {
	const n = 20_000
	s := new(State)
	apply := func(ev trace.Event) {
		if err := s.Apply(ev); err != nil {
			t.Fatal(err)
		}
	}
	for id := range trace.ID(2) {
		apply(trace.Event{Kind: trace.KindDefineObj, Obj: id + 1, Class: trace.ClassSemaphore, N: n, Text: "pool"})
	}
	for g := range int64(n) {
		apply(trace.Event{Kind: trace.KindAcquire, G: g + 1, Obj: trace.ID(g%2 + 1), N: 2})
	}
	for g := range int64(n) {
		apply(trace.Event{Kind: trace.KindBlock, G: g + 1, Obj: trace.ID((g+1)%2 + 1), N: 1, Text: "Acquire"})
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.Deadlocks()
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 2000*n {
		t.Errorf("Deadlocks allocates %d bytes, %d for each goroutine", used, used/n)
	}
}
