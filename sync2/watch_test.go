package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// tape is a sink that keeps all events.
type tape []trace.Event

func (t *tape) Event(ev trace.Event) { *t = append(*t, ev) }

// record runs program in a bubble with a trace running, and returns what the trace says, in short: a line an event,
// without those that only define things, and without Resume, whose order among goroutines is the scheduler's.
func record(t *testing.T, program func()) string {
	t.Helper()
	var all tape
	synctest.Test(t, func(t *testing.T) {
		if err := trace.Start(&all); err != nil {
			t.Fatal(err)
		}
		defer trace.Stop()
		program()
		synctest.Wait()
	})
	gs, objs := map[int64]string{}, map[trace.ID]string{}
	var b strings.Builder
	for i, ev := range all {
		if ev.Seq != uint64(i+1) {
			t.Errorf("event %d has Seq %d", i+1, ev.Seq)
		}
		switch ev.Kind {
		case trace.KindDefineG:
			gs[ev.G] = ev.Text
			if strings.HasPrefix(ev.Text, "goroutine-") {
				gs[ev.G] = "main"
			}
			continue
		case trace.KindDefineObj, trace.KindRename:
			objs[ev.Obj] = ev.Text
			continue
		case trace.KindBegin, trace.KindEnd, trace.KindDefinePC, trace.KindSpawn, trace.KindExit,
			trace.KindResume:
			continue
		}
		fmt.Fprintf(&b, "%s %v", gs[ev.G], ev.Kind)
		if ev.Obj != 0 {
			fmt.Fprintf(&b, " %s", objs[ev.Obj])
		}
		if ev.N != 0 {
			fmt.Fprintf(&b, " n=%d", ev.N)
		}
		if ev.Kind == trace.KindUnblock {
			fmt.Fprintf(&b, " by %s", gs[ev.Peer])
		} else if ev.Peer != 0 {
			fmt.Fprintf(&b, " peer=%d", ev.Peer)
		}
		if ev.Text != "" {
			fmt.Fprintf(&b, " %q", ev.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// wantTrace compares a recording with the lines of want.
func wantTrace(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(strings.TrimSpace(got), "\n"), strings.Split(strings.TrimSpace(want), "\n")
	for i := range max(len(g), len(w)) {
		var gl, wl string
		if i < len(g) {
			gl = g[i]
		}
		if i < len(w) {
			wl = strings.TrimSpace(w[i])
		}
		if gl != wl {
			t.Fatalf("line %d is\n\t%s\nwant\n\t%s\nin\n%s", i+1, gl, wl, got)
		}
	}
}

func TestTraceEvent(t *testing.T) {
	got := record(t, func() {
		var e sync2.Event
		trace.Name(&e, "door")
		for _, name := range []string{"ann", "ben"} {
			sync2.Go(name, e.Wait)
			synctest.Wait()
		}
		e.WaitTimeout(time.Second)
		e.Set()
		synctest.Wait()
		e.Wait()
		e.Clear()
	})
	wantTrace(t, got, `
		ann block door n=1 "Wait"
		ben block door n=1 "Wait"
		main block door n=1 "WaitTimeout"
		main give-up door n=1
		main set door n=2
		ann unblock door by main
		ben unblock door by main
		main pass door
		main clear door`)
}

func TestTraceWaitGroup(t *testing.T) {
	got := record(t, func() {
		var g sync2.WaitGroup
		trace.Name(&g, "all")
		g.Add(2)
		sync2.Go("ann", g.Wait)
		synctest.Wait()
		g.WaitTimeout(time.Second)
		g.Add(-2)
		synctest.Wait()
		g.Wait()
		g.Add(1)
		sync2.Go("ben", g.Done)
	})
	wantTrace(t, got, `
		main add all n=2
		ann block all n=1 "Wait"
		main block all n=1 "WaitTimeout"
		main give-up all n=1
		main add all
		ann unblock all by main
		main pass all
		main add all n=1
		ben add all
	`)
}

func TestTraceRWMutex(t *testing.T) {
	got := record(t, func() {
		var m sync2.RWMutex
		trace.Name(&m, "prices")
		m.RLock()
		sync2.Go("ann", func() { m.Lock(); m.Downgrade(); pass(time.Second); m.RUnlock() })
		synctest.Wait()
		sync2.Go("ben", func() { m.RLock(); m.RUnlock() })
		synctest.Wait()
		m.RLockTimeout(time.Second)
		m.TryRLock()
		m.RUnlock()
		pass(2 * time.Second)
		m.TryLock()
		m.Unlock()
	})
	wantTrace(t, got, `
		main acquire prices n=1 "RLock"
		ann block prices n=1 "Lock"
		ben block prices n=1 "RLock"
		main block prices n=1 "RLockTimeout"
		main give-up prices n=1
		main try-fail prices n=1 "TryRLock"
		main release prices "RUnlock"
		ann unblock prices by main
		ann acquire prices n=1 "Lock"
		ann acquire prices n=1 "Downgrade"
		ben unblock prices by ann
		ben acquire prices n=1 "RLock"
		ben release prices "RUnlock"
		ann release prices "RUnlock"
		main acquire prices n=1 "TryLock"
		main release prices "Unlock"
	`)
}

func TestTraceOnce(t *testing.T) {
	got := record(t, func() {
		var o sync2.Once
		trace.Name(&o, "set-up")
		fails := func(context.Context) error {
			pass(time.Second)
			return errTest
		}
		sync2.Go("ann", func() { _ = o.DoContext(context.Background(), fails) })
		synctest.Wait()
		sync2.Go("ben", func() { _ = o.DoContext(context.Background(), fails) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		_ = o.DoContext(ctx, fails)
		o.Do(func() {})
		o.Do(func() {})
	})
	wantTrace(t, got, `
		ann action-begin set-up
		ben block set-up n=1 "DoContext"
		main block set-up n=1 "DoContext"
		main give-up set-up n=1
		main block set-up n=1 "Do"
		ann action-end set-up n=1 "the test's own cause"
		ben unblock set-up by ann
		ben action-begin set-up
		ben action-end set-up n=1 "the test's own cause"
		main unblock set-up by ben
		main action-begin set-up
		main action-end set-up
		main pass set-up
	`)
}

func TestTraceBarrier(t *testing.T) {
	got := record(t, func() {
		b := sync2.NewBarrier(2, sync2.WithAction(func() error { return nil }))
		trace.Name(b, "gate")
		wait := func() { _, _ = b.Wait() }
		sync2.Go("ann", wait)
		synctest.Wait()
		wait()
		synctest.Wait()
		sync2.Go("ben", wait)
		synctest.Wait()
		b.Abort(errors.New("enough"))
		synctest.Wait()
		b.Reset()
		_, _ = b.WaitTimeout(time.Second)
	})
	wantTrace(t, got, `
		ann arrive gate
		ann block gate n=1 "Wait"
		main arrive gate n=1
		main action-begin gate
		main action-end gate
		main trip gate n=1
		ann unblock gate by main
		ben arrive gate
		ben block gate n=1 "Wait"
		main break gate n=3 "enough"
		ben unblock gate by main
		main reset gate
		main arrive gate
		main block gate n=1 "WaitTimeout"
		main give-up gate n=1
		main break gate n=1 "context deadline exceeded"`)
}

func TestTraceSemaphore(t *testing.T) {
	got := record(t, func() {
		s := sync2.NewSemaphore(2)
		trace.Name(s, "pool")
		s.Acquire()
		sync2.Go("big", func() { _ = s.AcquireN(context.Background(), 2) })
		synctest.Wait()
		s.TryAcquire()
		s.Release()
		synctest.Wait()
		s.AcquireTimeout(0)
		s.ReleaseN(2)
		s.Drain()
	})
	wantTrace(t, got, `
		main acquire pool n=1
		big block pool n=2 "AcquireN"
		main try-fail pool n=1 "TryAcquire"
		main release pool n=1
		big unblock pool by main
		big acquire pool n=2
		main try-fail pool n=1 "AcquireTimeout"
		main release pool n=2
		main acquire pool n=2`)
}

func TestTraceLocks(t *testing.T) {
	got := record(t, func() {
		var m sync2.Mutex
		var l sync2.ReentrantLock
		trace.Name(&m, "mu")
		trace.Name(&l, "room")
		m.Lock()
		sync2.Go("ann", func() { m.Lock(); m.Unlock() }) // to hold it for a moment is the point
		synctest.Wait()
		m.Unlock()
		synctest.Wait()
		l.Lock()
		l.Lock()
		sync2.Go("ben", func() { l.TryLock() })
		synctest.Wait()
		l.Unlock()
		l.Unlock()
	})
	wantTrace(t, got, `
		main acquire mu n=1
		ann block mu n=1 "Lock"
		main release mu
		ann unblock mu by main
		ann acquire mu n=1
		ann release mu
		main acquire room n=1
		main acquire room n=2
		ben try-fail room n=1 "TryLock"
		main release room n=1
		main release room`)
}

func TestTraceLocal(t *testing.T) {
	got := record(t, func() {
		var l sync2.Local[int]
		trace.Name(&l, "id")
		sync2.Go("ann", func() { l.Set(7); l.Delete() })
		synctest.Wait()
		l.Set(8)
		sync2.ReleaseLocals()
	})
	wantTrace(t, got, `
		ann set-value id "7"
		ann drop-value id
		main set-value id "8"
		main drop-value id`)
}

func TestTraceJoinAndLog(t *testing.T) {
	got := record(t, func() {
		var e sync2.Event
		g := sync2.Go("ann", func() {
			trace.Log("hello from %s", "ann")
			e.Wait()
		})
		trace.Name(g, "the end of ann")
		synctest.Wait()
		sync2.Go("ben", g.Join)
		synctest.Wait()
		e.Set()
		synctest.Wait()
		g.Join()
	})
	wantTrace(t, got, `
		ann log "hello from ann"
		ann block event-1 n=1 "Wait"
		ben block the end of ann n=1 "Join"
		main set event-1 n=1
		ann unblock event-1 by main
		ben unblock the end of ann by ann
		main pass the end of ann`)
}

// A name given to the end of a goroutine as soon as Go has returned is not replaced by that of the goroutine.
func TestTraceNameOfTheEnd(t *testing.T) {
	var all tape
	if err := trace.Start(&all); err != nil {
		t.Fatal(err)
	}
	for range 5000 {
		var named sync2.Event
		g := sync2.Go("ann", named.Wait)
		trace.Name(g, "the end of ann")
		named.Set()
		g.Join()
	}
	trace.Stop()
	for i := range all {
		if ev := &all[i]; ev.Class == trace.ClassGoroutine && ev.Text != "the end of ann" {
			t.Fatalf("%v", *ev)
		}
	}
}

// A trace that starts in the middle of things shows the current state.
func TestTraceStartsInTheMiddle(t *testing.T) {
	var all tape
	s := sync2.NewSemaphore(5)
	s.Acquire()
	var m sync2.Mutex
	m.Lock()
	for range 2 { // and a second trace shows it again
		all = nil
		if err := trace.Start(&all); err != nil {
			t.Fatal(err)
		}
		if err := trace.Start(&all); !errors.Is(err, trace.ErrRunning) {
			t.Errorf("a second Start: %v", err)
		}
		s.Acquire()
		m.TryLock()
		trace.Stop()
		trace.Stop()
		var defined []int64
		for _, ev := range all {
			if ev.Kind == trace.KindDefineObj {
				defined = append(defined, ev.N)
			}
		}
		if fmt.Sprint(defined) != fmt.Sprint([]int64{int64(s.Available()) + 1, 1}) {
			t.Errorf("defined with %v", defined)
		}
	}
}

// Waiters that queued before a trace began appear as their own goroutines when they are granted.
func TestTraceOfThoseWhoQueuedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, q := sync2.NewSemaphore(0), sync2.NewQueue[int](1)
		ctx := t.Context()
		var want []string
		for i, wait := range []func(){
			s.Acquire, s.Acquire,
			func() { s.AcquireTimeout(time.Hour) },
			func() { _ = s.AcquireContext(ctx) }, func() { _ = s.AcquireContext(ctx) },
			func() { _ = s.AcquireN(ctx, 2) },
			func() { _, _ = q.Get() },
		} {
			go func() {
				n, kind := 1, trace.KindAcquire
				switch i {
				case 5:
					n = 2
				case 6:
					kind = trace.KindGet
				}
				want = append(want, fmt.Sprint(sync2.Current().ID(), kind, n))
				wait()
			}()
			synctest.Wait()
		}
		var all tape
		if err := trace.Start(&all); err != nil {
			t.Fatal(err)
		}
		defer trace.Stop()
		for range 7 {
			s.Release()
			synctest.Wait()
		}
		_ = q.Put(7)
		synctest.Wait()

		var got []string
		for _, ev := range all {
			if ev.Kind == trace.KindAcquire || ev.Kind == trace.KindGet {
				got = append(got, fmt.Sprint(ev.G, ev.Kind, ev.N))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v\nwant %v", got, want)
		}
		v := trace.NewValidator()
		for _, ev := range all {
			if err := v.Event(ev); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestTracePositionsAreTheUsers(t *testing.T) {
	var all tape
	if err := trace.Start(&all); err != nil {
		t.Fatal(err)
	}
	var m sync2.Mutex
	m.Lock()
	m.Unlock() // two events are all it wants
	trace.Stop()
	sites := map[uint64]string{}
	for _, ev := range all {
		switch ev.Kind {
		case trace.KindDefinePC:
			sites[ev.PC] = ev.Text
		case trace.KindAcquire, trace.KindRelease:
			if !strings.HasPrefix(sites[ev.PC], "watch_test.go:") || !strings.Contains(sites[ev.PC], "TestTracePositionsAreTheUsers") {
				t.Errorf("%v at %q", ev.Kind, sites[ev.PC])
			}
		}
	}
}

func TestTraceNameOfNothing(t *testing.T) {
	defer func() {
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "int") {
			t.Errorf("recover = %v", r)
		}
	}()
	trace.Name(3, "three")
}

// A lockingError is an error whose text is guarded by a lock, which the program may hold where it hands in the error.
type lockingError struct{ mu *sync2.Mutex }

func (e lockingError) Error() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return "told under the lock"
}

// No trace asks the program's errors for their text: one that needs a lock, which the program holds, would hang.
func TestTraceCallsNoErrorOfTheProgram(t *testing.T) {
	run := func(task func(context.Context) (int, error), opts ...sync2.ExecutorOption) {
		e := sync2.NewExecutor(1, opts...)
		sync2.Submit(e, task).Result()
		e.Shutdown()
	}
	fails := func(err error) func(context.Context) (int, error) {
		return func(context.Context) (int, error) { return 0, err }
	}
	for op, program := range map[string]func(err error){
		"Submit":          func(err error) { run(fails(err)) },
		"panic":           func(err error) { run(func(context.Context) (int, error) { panic(err) }) },
		"WithInitializer": func(err error) { run(fails(err), sync2.WithInitializer(func() error { return err })) },
		"Cancel":          func(err error) { sync2.NewExecutor(1).Cancel(err) },
		"Fail":            func(err error) { sync2.NewPromise[int]().Fail(err) },
		"Fail wrapped":    func(err error) { sync2.NewPromise[int]().Fail(errors.Join(&sync2.BrokenError{Cause: err}, err)) },
		"Abort":           func(err error) { sync2.NewBarrier(1).Abort(err) },
		"WithAction":      func(err error) { sync2.NewBarrier(1, sync2.WithAction(func() error { return err })).Wait() },
		"WaitContext": func(err error) {
			ctx, cancel := context.WithCancelCause(context.Background())
			cancel(err)
			sync2.NewBarrier(1).WaitContext(ctx)
		},
	} {
		t.Run(op, func(t *testing.T) {
			got := record(t, func() {
				var mu sync2.Mutex
				mu.Lock()
				defer mu.Unlock()
				program(lockingError{&mu})
			})
			if strings.Contains(got, "told under the lock") {
				t.Errorf("the trace says\n%s", got)
			}
		})
	}
}
