package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// wantVersion compares a value and its version.
func wantVersion[T comparable](t *testing.T, v T, version uint64, want T, wantVersion uint64) {
	t.Helper()
	if v != want || version != wantVersion {
		t.Errorf("%v, version %d; want %v, version %d", v, version, want, wantVersion)
	}
}

func TestWatch(t *testing.T) {
	w := sync2.NewWatch("a")
	v, n := w.Get()
	wantVersion(t, v, n, "a", 1)
	w.Set("b")
	v, n = w.Get()
	wantVersion(t, v, n, "b", 2)
	w.Set("b") // an equal value is new
	v, n = w.Wait(2)
	wantVersion(t, v, n, "b", 3)
	w.Update(func(old string) string { return old + "c" })
	v, n = w.Wait(0)
	wantVersion(t, v, n, "bc", 4)
	v, n, ok := w.WaitTimeout(4, 0)
	wantVersion(t, v, n, "bc", 4)
	if ok {
		t.Error("a version that does not exist is not waited for, and is there")
	}
	v, n, ok = w.WaitTimeout(3, -1)
	wantVersion(t, v, n, "bc", 4)
	if !ok {
		t.Error("a version that exists is not there")
	}
}

// A wait for a version far ahead sleeps through the versions before it.
func TestWatchFarAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := sync2.NewWatch(1)
		var got []uint64
		var mu sync.Mutex
		for _, after := range []uint64{5, 1, 3, 1} {
			go func() {
				v, version := w.Wait(after)
				if uint64(v) != version {
					t.Errorf("value %d has version %d", v, version)
				}
				mu.Lock()
				got = append(got, version)
				mu.Unlock()
			}()
			synctest.Wait()
		}
		for i, waiting := range []int{2, 2, 1, 1, 0} {
			w.Set(i + 2)
			synctest.Wait()
			if w.Waiting() != waiting {
				t.Errorf("at version %d, %d wait, want %d", i+2, w.Waiting(), waiting)
			}
		}
		if !slices.Equal(got, []uint64{2, 2, 4, 6}) {
			t.Errorf("versions %v", got)
		}
	})
}

// A context that has ended fails first. A wait that gives up returns the current value, and leaves no waiter behind.
func TestWatchGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := sync2.NewWatch("a")
		v, n, err := w.WaitContext(ended(errTest), 0)
		wantErr(t, err, errTest)
		wantErr(t, err, context.Canceled)
		wantVersion(t, v, n, "a", 1)
		ctx, cancel := context.WithTimeoutCause(context.Background(), time.Second, errTest)
		defer cancel()
		go func() {
			v, n, err := w.WaitContext(ctx, 7)
			wantErr(t, err, errTest)
			wantErr(t, err, context.DeadlineExceeded)
			wantVersion(t, v, n, "b", 2)
		}()
		go func() {
			v, n, ok := w.WaitTimeout(7, time.Second)
			wantVersion(t, v, n, "b", 2)
			if ok {
				t.Error("version 8 came")
			}
		}()
		synctest.Wait()
		w.Set("b")
		if w.Waiting() != 2 {
			t.Errorf("%d wait", w.Waiting())
		}
		pass(time.Second)
		synctest.Wait()
		if w.Waiting() != 0 {
			t.Errorf("%d wait after they gave up", w.Waiting())
		}
	})
}

// Update calls its function again if the value has changed meanwhile, even to an equal one; a failed try makes no version.
func TestWatchUpdateAgain(t *testing.T) {
	w := sync2.NewWatch(1)
	var seen []int
	w.Update(func(old int) int {
		seen = append(seen, old)
		if len(seen) < 3 {
			w.Set(old) // nothing is locked
		}
		if v, _ := w.Get(); v != old || w.Waiting() != 0 {
			t.Errorf("%d, %d wait", v, w.Waiting())
		}
		return old + 10
	})
	v, n := w.Get()
	wantVersion(t, v, n, 11, 4)
	if !slices.Equal(seen, []int{1, 1, 1}) {
		t.Errorf("called with %v", seen)
	}
}

// A function that does not return changes nothing.
func TestWatchUpdateFails(t *testing.T) {
	w := sync2.NewWatch(1)
	for how, s := range spoiled {
		e := endOf(func() error { w.Update(func(int) int { s.act(); return 2 }); return nil })()
		if !s.check(e) {
			t.Errorf("%s: it ended with %+v", how, e)
		}
	}
	v, n := w.Get()
	wantVersion(t, v, n, 1, 1)
	w.Update(func(old int) int { return old + 1 })
	v, n = w.Get()
	wantVersion(t, v, n, 2, 2)
}

// Get, and waits that find a newer version, allocate nothing.
func TestWatchAllocatesNothing(t *testing.T) {
	w := sync2.NewWatch(1)
	ctx := t.Context()
	wantNoAllocs(t, func() { w.Get() })
	wantNoAllocs(t, func() { w.Wait(0) })
	wantNoAllocs(t, func() { w.WaitTimeout(0, time.Second) })
	wantNoAllocs(t, func() { _, _, _ = w.WaitContext(ctx, 0) })
}

// Writers and readers run together: versions have no gaps, and no reader sees one go back.
func TestWatchHammer(t *testing.T) {
	const writers, readers, each = 3, 3, 300
	w := sync2.NewWatch(0)
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			for n := range each {
				w.Update(func(old int) int { return old + 1 })
				if (n+i)%7 == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	for i := range readers {
		all.Go(func() {
			for _, last := w.Get(); last < writers*each+1; {
				var next int
				var version uint64
				switch i {
				case 0:
					next, version = w.Wait(last)
				case 1:
					next, version, _ = w.WaitTimeout(last, time.Microsecond)
				default:
					next, version = w.Get()
					runtime.Gosched()
				}
				if version < last || uint64(next) != version-1 {
					t.Errorf("value %d, version %d after %d", next, version, last)
				}
				last = version
			}
		})
	}
	all.Wait()
	v, n := w.Get()
	wantVersion(t, v, n, writers*each, writers*each+1)
}

func TestValidatorOnWatches(t *testing.T) {
	w := sync2.NewWatch(0)
	validated(t, func(me, round int) {
		_, n := w.Get()
		switch (me + round) % 4 {
		case 0:
			w.Set(round)
		case 1:
			w.Update(func(old int) int { return old + 1 })
		case 2:
			ctx, cancel := soon(round)
			defer cancel()
			_, _, _ = w.WaitContext(ctx, n+uint64(round%3))
		case 3:
			w.WaitTimeout(n-1+uint64(round%3), time.Duration(round%7)*time.Microsecond)
		}
	})
}

func TestTraceWatch(t *testing.T) {
	got := record(t, func() {
		w := sync2.NewWatch(10)
		trace.Name(w, "config")
		w.Wait(0)
		sync2.Go("ann", func() { w.Wait(1) })
		synctest.Wait()
		sync2.Go("ben", func() { w.Wait(2) })
		synctest.Wait()
		w.Set(20)
		synctest.Wait()
		w.Update(func(old int) int { return old + 10 })
		synctest.Wait()
		w.WaitTimeout(3, time.Second)
	})
	wantTrace(t, got, `
		main pass config n=1
		ann block config n=1 "Wait"
		ben block config n=2 "Wait"
		main set config n=2 "20"
		ann unblock config by main
		ann pass config n=2
		main set config n=3 "30"
		ben unblock config by main
		ben pass config n=3
		main block config n=3 "WaitTimeout"
		main give-up config n=1`)
}

// A trace that begins later shows the waiters.
func TestTraceWatchAmid(t *testing.T) {
	j := &judge{valid: trace.NewValidator()}
	synctest.Test(t, func(t *testing.T) {
		w := sync2.NewWatch(1)
		w.Set(2)
		for after := range uint64(3) {
			go w.Wait(after + 2)
		}
		synctest.Wait()
		if err := trace.Start(j); err != nil {
			t.Fatal(err)
		}
		defer trace.Stop()
		for v := range 3 {
			w.Set(v)
			synctest.Wait()
		}
	})
	if j.err == nil {
		j.err = j.valid.Finish()
	}
	if j.err != nil {
		t.Error(j.err)
	}
}

// refWatch is a number of versions; the value of each is its number.
type refWatch struct {
	waitingRef
	version uint64
	waiting []*call
}

func (r *refWatch) begin(c *call) string {
	switch c.verb {
	case "Set", "Update":
		r.version++
		return fmt.Sprint(r.version)
	}
	if e := r.early(c); e != "" {
		return e
	}
	if s := r.result(c); s != "" {
		return s
	}
	if l := r.late(c); l != "" {
		return l
	}
	r.waiting = append(r.waiting, c)
	return ""
}

// result returns the result of c if there is one.
func (r *refWatch) result(c *call) string {
	if r.version > uint64(c.n) {
		return fmt.Sprint(r.version)
	}
	return ""
}

func (r *refWatch) released(c *call) string {
	s := r.result(c)
	if s != "" {
		r.leave(c)
	}
	return s
}

func (r *refWatch) giveUp(c *call, why string) string {
	r.leave(c)
	return r.waitingRef.giveUp(c, why)
}

func (r *refWatch) leave(c *call) {
	r.waiting = slices.DeleteFunc(r.waiting, func(x *call) bool { return x == c })
}

func (r *refWatch) state() string { return fmt.Sprint(r.version, len(r.waiting)) }

func TestWatchAgainstReference(t *testing.T) {
	checkAgainstReference(t, func(*rapid.T) subject {
		w := sync2.NewWatch(uint64(1))
		ref := &refWatch{version: 1}
		pair := func(v, n uint64) string {
			if v != n {
				return fmt.Sprintf("value %d, version %d", v, n)
			}
			return fmt.Sprint(n)
		}
		return subject{
			verbs: []string{"Set", "Update", "WaitTimeout", "WaitContext"},
			draw:  func(rt *rapid.T) int { return rapid.IntRange(0, 12).Draw(rt, "after") },
			do: func(c *call) string {
				switch c.verb {
				case "Set":
					_, n := w.Get()
					w.Set(n + 1)
					return pair(w.Get())
				case "Update":
					w.Update(func(old uint64) uint64 { return old + 1 })
					return pair(w.Get())
				case "WaitTimeout":
					v, n, ok := w.WaitTimeout(uint64(c.n), c.d)
					if !ok {
						return yesNo(false)
					}
					return pair(v, n)
				}
				v, n, err := w.WaitContext(c.ctx, uint64(c.n))
				if err != nil {
					return okOr(err)
				}
				return pair(v, n)
			},
			state: func() string { _, n := w.Get(); return fmt.Sprint(n, w.Waiting()) },
			ref:   ref,
		}
	})
}

func ExampleWatch() {
	type config struct{ Level int }
	current := sync2.NewWatch(config{1})
	follower := sync2.Go("follower", func() {
		for c, version := current.Get(); ; c, version = current.Wait(version) {
			if c.Level == 0 {
				return
			}
			fmt.Println("level", c.Level)
			current.Update(func(old config) config { return config{(old.Level + 1) % 4} })
		}
	})
	follower.Join()
	// Output:
	// level 1
	// level 2
	// level 3
}

// A wait that gives up returns the current value.
func ExampleWatch_WaitContext() {
	address := sync2.NewWatch("10.0.0.1")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("shutting down"))
	v, version, err := address.WaitContext(ctx, 1)
	fmt.Println(v, version, err)
	// Output: 10.0.0.1 1 shutting down
}
