package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// endsWith returns a member that ends with err.
func endsWith(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

func TestGroup(t *testing.T) {
	g := sync2.NewGroup(t.Context())
	var names [3]string
	for i := range names {
		g.Go(fmt.Sprint("member-", i), func(ctx context.Context) error {
			if ctx != g.Context() || ctx.Err() != nil {
				t.Errorf("its context is another, or has ended: %v", ctx.Err())
			}
			names[i] = sync2.Current().Name()
			return nil
		})
	}
	if err := g.Wait(); err != nil || fmt.Sprint(names) != "[member-0 member-1 member-2]" {
		t.Errorf("%v, %q", err, names)
	}
	if g.Context().Err() == nil || context.Cause(g.Context()) != context.Canceled { //nolint:errorlint // the very same
		t.Errorf("afterwards the context has ended with %v", context.Cause(g.Context()))
	}
	if all := sync2.Goroutines(); len(all) != 0 {
		t.Errorf("%d goroutines are left", len(all))
	}
	if err := g.Wait(); err != nil {
		t.Errorf("again: %v", err)
	}
}

// The first error ends the context, as its cause, and comes out of Wait as it is.
func TestGroupFirstError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := sync2.NewGroup(t.Context())
		var cause error
		g.Go("waits", func(ctx context.Context) error {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return ctx.Err()
		})
		g.Go("fails", endsWith(errTest))
		if err := g.Wait(); err != errTest || cause != errTest { //nolint:errorlint // the very same
			t.Errorf("%v, with the cause %v", err, cause)
		}
	})
}

// After the end of the context Go still calls its function, with that context.
func TestGroupGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := sync2.NewGroup(t.Context(), sync2.WithLimit(1))
		g.Go("fails", endsWith(errTest))
		synctest.Wait()
		var causes [3]error
		for i, start := range []func(func(context.Context) error){
			func(fn func(context.Context) error) { g.Go("a", fn) },
			func(fn func(context.Context) error) { synctest.Wait(); g.TryGo("b", fn) },
			func(fn func(context.Context) error) { _ = g.GoContext(t.Context(), "c", fn) },
		} {
			start(func(ctx context.Context) error { causes[i] = context.Cause(ctx); return errPanicked })
		}
		if err := g.Wait(); err != errTest || causes != [3]error{errTest, errTest, errTest} { //nolint:errorlint // the very same
			t.Errorf("%v, %v", err, causes)
		}
	})
}

func TestGroupAllErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := sync2.NewGroup(t.Context(), sync2.WithAllErrors())
		for i := range 4 {
			g.Go("member", func(ctx context.Context) error {
				pass(time.Duration(4-i) * time.Second) // the last fails first
				if ctx.Err() != nil {
					t.Errorf("the context has ended: %v", context.Cause(ctx))
				}
				if i == 2 {
					return nil
				}
				return fmt.Errorf("error %d", i)
			})
		}
		if err := g.Wait(); err == nil || err.Error() != "error 0\nerror 1\nerror 3" {
			t.Errorf("%v", err)
		}
		if err := g.Wait(); err == nil || err.Error() != "error 0\nerror 1\nerror 3" {
			t.Errorf("again: %v", err)
		}
	})
}

// A panic comes out of every Wait that does not give up, once all have ended, before any error.
func TestGroupPanic(t *testing.T) {
	for _, opts := range [][]sync2.GroupOption{nil, {sync2.WithAllErrors()}} {
		synctest.Test(t, func(t *testing.T) {
			g := sync2.NewGroup(t.Context(), opts...)
			g.Go("fails", endsWith(errTest))
			synctest.Wait()
			late := false
			g.Go("panics", func(context.Context) error { panic(errPanicked) })
			g.Go("late", func(context.Context) error { pass(time.Hour); late = true; return nil })
			synctest.Wait()
			if err := g.WaitTimeout(time.Second); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("one that gives up: %v", err)
			}
			first := panicOf(func() { _ = g.Wait() })
			p, ok := first.(*sync2.PanicError)
			if !ok || p.Value != any(errPanicked) || !strings.Contains(string(p.Stack), "TestGroupPanic") || !late {
				t.Errorf("it panics with %v; the late one has ended: %v", first, late)
			}
			for what, again := range map[string]any{
				"Wait":        panicOf(func() { _ = g.Wait() }),
				"WaitContext": panicOf(func() { _ = g.WaitContext(t.Context()) }),
				"WaitTimeout": panicOf(func() { _ = g.WaitTimeout(0) }),
			} {
				if again != first {
					t.Errorf("%s panics with %v", what, again)
				}
			}
			if err := g.WaitContext(ended(errTest)); !errors.Is(err, errTest) {
				t.Errorf("a context that has ended: %v", err)
			}
		})
	}
}

// A panic is the cause that the other members see.
func TestGroupPanicIsCause(t *testing.T) {
	g := sync2.NewGroup(t.Context())
	g.Go("panics", func(context.Context) error { panic("oh") })
	<-g.Context().Done()
	p := panicOf(func() { _ = g.Wait() })
	if cause := context.Cause(g.Context()); cause != p.(error) { //nolint:errorlint // the very same
		t.Errorf("the cause is %v", cause)
	}
}

func TestGroupGoexit(t *testing.T) {
	g := sync2.NewGroup(t.Context())
	g.Go("exits", func(context.Context) error { runtime.Goexit(); return nil })
	if err := g.Wait(); err == nil || context.Cause(g.Context()) != err { //nolint:errorlint // the very same
		t.Errorf("%v, cause %v", err, context.Cause(g.Context()))
	}
}

func TestGroupCancel(t *testing.T) {
	g := sync2.NewGroup(t.Context())
	g.Go("waits", func(ctx context.Context) error { <-ctx.Done(); return nil })
	g.Cancel(errTest)
	g.Cancel(errPanicked)
	if err := g.Wait(); err != errTest || context.Cause(g.Context()) != errTest { //nolint:errorlint // the very same
		t.Errorf("%v, cause %v", err, context.Cause(g.Context()))
	}
	g.Cancel(errPanicked)
	if err := g.Wait(); err != errTest { //nolint:errorlint // the very same
		t.Errorf("after Wait: %v", err)
	}

	g = sync2.NewGroup(t.Context())
	g.Cancel(nil)
	if err := g.Wait(); !errors.Is(err, sync2.ErrCanceled) || !errors.Is(err, context.Canceled) {
		t.Errorf("Cancel(nil): %v", err)
	}

	g = sync2.NewGroup(t.Context())
	g.Go("fails", endsWith(errTest))
	<-g.Context().Done()
	g.Cancel(errPanicked)
	if err := g.Wait(); err != errTest { //nolint:errorlint // the very same
		t.Errorf("an error came before: %v", err)
	}

	g = sync2.NewGroup(t.Context(), sync2.WithAllErrors())
	g.Cancel(errPanicked)
	g.Go("fails", endsWith(errTest))
	if err := g.Wait(); err == nil || err.Error() != errTest.Error()+"\n"+errPanicked.Error() {
		t.Errorf("with all errors: %v", err)
	}
	if cause := context.Cause(g.Context()); cause != errPanicked { //nolint:errorlint // the very same
		t.Errorf("the cause is %v", cause)
	}

	g = sync2.NewGroup(t.Context())
	if err := g.Wait(); err != nil {
		t.Errorf("an empty group: %v", err)
	}
	g.Cancel(errTest)
	if err := g.Wait(); err != nil {
		t.Errorf("Cancel after Wait: %v", err)
	}
}

// The end of the parent ends the context, and is no error by itself.
func TestGroupParentEnds(t *testing.T) {
	parent, cancel := context.WithCancelCause(t.Context())
	g := sync2.NewGroup(parent)
	g.Go("waits", func(ctx context.Context) error { <-ctx.Done(); return nil })
	cancel(errTest)
	if err := g.Wait(); err != nil || context.Cause(g.Context()) != errTest { //nolint:errorlint // the very same
		t.Errorf("%v, cause %v", err, context.Cause(g.Context()))
	}
	g = sync2.NewGroup(parent)
	g.Go("says so", context.Cause)
	wantErr(t, g.Wait(), errTest)
}

// Calls of Go wait for a place in order, and Wait waits for them too. (golang.org/issue/52457: the limit.)
func TestGroupLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := sync2.NewGroup(t.Context(), sync2.WithLimit(2))
		var gate sync2.Event
		var mu sync.Mutex
		var order []string
		var running, most atomic.Int32
		member := func(context.Context) error {
			mu.Lock()
			order = append(order, sync2.Current().Name())
			mu.Unlock()
			most.Store(max(most.Load(), running.Add(1)))
			gate.Wait()
			running.Add(-1)
			return nil
		}
		g.Go("a", member)
		synctest.Wait()
		g.Go("b", member)
		synctest.Wait()
		if g.TryGo("no", member) {
			t.Error("there are three places")
		}
		for _, name := range []string{"c", "d"} {
			go g.Go(name, member)
			synctest.Wait()
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() { wantErr(t, g.GoContext(ctx, "no", member), errTest) }()
		synctest.Wait()
		cancel(errTest)
		wantErr(t, g.GoContext(ended(errTest), "no", member), errTest)
		waited := endOf(g.Wait)
		synctest.Wait()
		gate.Set()
		if e := waited(); e != (end{}) || most.Load() != 2 || len(order) != 4 {
			t.Errorf("%+v, at most %d at once, %v", e, most.Load(), order)
		}
	})
}

// TryGo does not overtake a waiting Go.
func TestGroupTryGoBehindOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := sync2.NewGroup(t.Context(), sync2.WithLimit(1))
		var first, second sync2.Event
		g.Go("first", func(context.Context) error { first.Wait(); return nil })
		go g.Go("second", func(context.Context) error { second.Wait(); return nil })
		synctest.Wait()
		first.Set()
		if g.TryGo("third", endsWith(nil)) {
			synctest.Wait()
			t.Error("it was faster")
		}
		synctest.Wait()
		if g.TryGo("third", endsWith(nil)) {
			t.Error("there are two places")
		}
		second.Set()
		synctest.Wait()
		if !g.TryGo("third", endsWith(nil)) {
			t.Error("there is no place")
		}
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// A member that ends because the group was canceled does not hide the cause, whatever it returns.
func TestGroupCanceledMembers(t *testing.T) {
	for _, why := range []func(context.Context) error{context.Context.Err, context.Cause} {
		g := sync2.NewGroup(t.Context())
		g.Go("waits", func(ctx context.Context) error { <-ctx.Done(); return why(ctx) })
		g.Cancel(errTest)
		if err := g.Wait(); err != errTest { //nolint:errorlint // the very same
			t.Errorf("%v", err)
		}
	}
}

// A member that wants to start another and finds no place waits for itself, as with the SetLimit of errgroup. By GoContext with
// its own context it does not outlive the group's end.
func TestGroupMemberWaitsForAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := sync2.NewGroup(t.Context(), sync2.WithLimit(1))
		g.Go("parent", func(ctx context.Context) error {
			return g.GoContext(ctx, "child", func(context.Context) error { t.Error("it has a place"); return nil })
		})
		waited := endOf(g.Wait)
		synctest.Wait()
		g.Cancel(errTest)
		if e := waited(); e.err != errTest { //nolint:errorlint // the very same
			t.Errorf("%+v", e)
		}
	})
}

// A member may start others, even during a Wait.
func TestGroupMembersStartMembers(t *testing.T) {
	g := sync2.NewGroup(t.Context())
	var n atomic.Int32
	var member func(depth int) func(context.Context) error
	member = func(depth int) func(context.Context) error {
		return func(context.Context) error {
			n.Add(1)
			for range depth {
				g.Go("child", member(depth-1))
			}
			return nil
		}
	}
	g.Go("root", member(4))
	if err := g.Wait(); err != nil || n.Load() != 65 {
		t.Errorf("%v, %d members", err, n.Load())
	}
}

// Go panics after any form of Wait has returned, but not after a Wait that gave up.
func TestGroupAfterWait(t *testing.T) {
	g := sync2.NewGroup(t.Context())
	var gate sync2.Event
	wait := func(context.Context) error { gate.Wait(); return nil }
	g.Go("waits", wait)
	wantErr(t, g.WaitTimeout(0), context.DeadlineExceeded)
	wantErr(t, g.WaitTimeout(time.Microsecond), context.DeadlineExceeded)
	wantErr(t, g.WaitContext(ended(errTest)), errTest)
	g.Go("waits too", wait)
	gate.Set()
	if err := g.WaitContext(t.Context()); err != nil {
		t.Error(err)
	}
	for _, ctx := range []context.Context{t.Context(), ended(errTest)} {
		wantMisuse(t, "Group.GoContext", func() { _ = g.GoContext(ctx, "late", wait) })
	}
	wantMisuse(t, "Group.Go", func() { g.Go("late", wait) })
	wantMisuse(t, "Group.TryGo", func() { g.TryGo("late", wait) })
	wantMisuse(t, "Group.GoContext", func() { _ = g.GoContext(ended(errTest), "late", nil) })
	if err := g.WaitTimeout(0); err != nil {
		t.Error(err)
	}
}

// The context that limits the wait for a place is not the member's context.
func TestGroupGoContext(t *testing.T) {
	g := sync2.NewGroup(t.Context())
	ctx, cancel := context.WithCancel(t.Context())
	var gate sync2.Event
	if err := g.GoContext(ctx, "member", func(ctx context.Context) error { gate.Wait(); return ctx.Err() }); err != nil {
		t.Error(err)
	}
	cancel()
	gate.Set()
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

// Members run, calls of Go wait for a place or give up, and several goroutines Wait, all at the same time.
func TestGroupHammer(t *testing.T) {
	for round := range 60 {
		g := sync2.NewGroup(t.Context(), sync2.WithLimit(1+round%3), sync2.WithAllErrors())
		var started, ran, running atomic.Int32
		member := func(context.Context) error {
			if n := running.Add(1); int(n) > 1+round%3 {
				t.Errorf("%d run", n)
			}
			ran.Add(1)
			runtime.Gosched()
			running.Add(-1)
			return nil
		}
		var all sync.WaitGroup
		for me := range 4 {
			all.Go(func() {
				for i := range 10 {
					ok := true
					switch (me + i) % 3 {
					case 0:
						g.Go("m", member)
					case 1:
						ok = g.TryGo("m", member)
					default:
						ctx, cancel := soon(i)
						ok = g.GoContext(ctx, "m", member) == nil
						cancel()
					}
					if ok {
						started.Add(1)
					}
				}
			})
		}
		all.Go(func() { _ = g.WaitContext(ended(errTest)) })
		all.Wait()
		for range 3 {
			all.Go(func() {
				if err := g.Wait(); err != nil || running.Load() != 0 {
					t.Errorf("%v, %d run", err, running.Load())
				}
			})
		}
		all.Wait()
		if ran.Load() != started.Load() {
			t.Errorf("%d of %d have run", ran.Load(), started.Load())
		}
	}
}

func TestValidatorOnGroups(t *testing.T) {
	validated(t, func(me, round int) {
		g := sync2.NewGroup(context.Background(), sync2.WithLimit(1+round%2))
		for range 3 {
			switch (me + round) % 3 {
			case 0:
				g.Go("m", endsWith(nil))
			case 1:
				g.TryGo("m", endsWith(errTest))
			default:
				ctx, cancel := soon(round)
				_ = g.GoContext(ctx, "m", endsWith(nil))
				cancel()
			}
		}
		if round%5 == 0 {
			g.Cancel(errTest)
		}
		_ = g.WaitTimeout(time.Duration(round%7) * time.Microsecond)
		_ = g.Wait()
	})
	until(func() bool { return len(sync2.Goroutines()) == 0 })
}

func TestTraceGroupOfGoroutines(t *testing.T) {
	got := record(t, func() {
		g := sync2.NewGroup(context.Background(), sync2.WithLimit(1))
		trace.Name(g, "crew")
		var gate sync2.Event
		trace.Name(&gate, "gate")
		g.Go("ann", func(context.Context) error { gate.Wait(); return errTest })
		synctest.Wait()
		sync2.Go("eve", func() { g.Go("ben", func(context.Context) error { gate.Wait(); return nil }) })
		synctest.Wait()
		g.TryGo("nobody", endsWith(nil))
		gate.Set()
		synctest.Wait()
		_ = g.Wait()
	})
	wantTrace(t, got, `
		ann block gate n=1 "Wait"
		eve block crew n=1 "Go"
		main try-fail crew n=1 "TryGo"
		main set gate n=1
		ann unblock gate by main
		ann settle crew n=4 "the test's own cause"
		ann task-done crew
		eve unblock crew by ann
		ben pass gate
		ben settle crew n=3
		ben task-done crew
		main pass crew`)
}

// A trace that begins later shows which members run and which goroutines wait.
func TestTraceGroupAmid(t *testing.T) {
	j := &judge{valid: trace.NewValidator()}
	synctest.Test(t, func(t *testing.T) {
		g := sync2.NewGroup(context.Background(), sync2.WithLimit(2))
		var gate sync2.Event
		member := func(context.Context) error { gate.Wait(); return nil }
		g.Go("a", member)
		g.Go("b", member)
		go g.Go("c", member)
		synctest.Wait()
		go func() { _ = g.Wait() }()
		synctest.Wait()
		if err := trace.Start(j); err != nil {
			t.Fatal(err)
		}
		defer trace.Stop()
		g.TryGo("d", member)
		gate.Set()
		synctest.Wait()
		_ = g.Wait()
	})
	if j.err == nil {
		j.err = j.valid.Finish()
	}
	if j.err != nil {
		t.Error(j.err)
	}
}

// The first error cancels the other members.
func ExampleGroup() {
	g := sync2.NewGroup(context.Background(), sync2.WithLimit(8))
	for _, page := range []string{"/a", "/b", "/missing"} {
		g.Go(page, func(ctx context.Context) error {
			if page == "/missing" {
				return errors.New("no such page: " + page)
			}
			<-ctx.Done() // it is slow, and does not finish in vain
			return ctx.Err()
		})
	}
	fmt.Println(g.Wait())
	fmt.Println(context.Cause(g.Context()))
	// Output:
	// no such page: /missing
	// no such page: /missing
}

// With WithAllErrors, no member is canceled because another one failed.
func ExampleWithAllErrors() {
	g := sync2.NewGroup(context.Background(), sync2.WithAllErrors())
	for i := range 3 {
		g.Go("check", func(context.Context) error {
			if i == 1 {
				return nil
			}
			return fmt.Errorf("check %d failed", i)
		})
	}
	fmt.Println(g.Wait())
	// Output:
	// check 0 failed
	// check 2 failed
}

func ExampleGroup_WaitTimeout() {
	g := sync2.NewGroup(context.Background())
	g.Go("slow", func(ctx context.Context) error { <-ctx.Done(); return nil })
	if err := g.WaitTimeout(time.Millisecond); err != nil {
		g.Cancel(errors.New("out of patience"))
	}
	fmt.Println(g.Wait())
	// Output: out of patience
}
