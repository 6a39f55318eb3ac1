package sync2_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/internal/goid"
)

// A starter starts fn in another goroutine, and returns when it has ended.
type starter struct {
	op    string
	start func(fn func())
}

// starters returns every way to start a goroutine, or a task, that inherits. The tasks run in e.
func starters(e *sync2.Executor) []starter {
	task := func(fn func()) func(context.Context) (int, error) {
		return func(context.Context) (int, error) { fn(); return 0, nil }
	}
	member := func(fn func()) func(context.Context) error {
		return func(context.Context) error { fn(); return nil }
	}
	group := func(start func(g *sync2.Group, fn func(context.Context) error)) func(fn func()) {
		return func(fn func()) {
			g := sync2.NewGroup(context.Background())
			start(g, member(fn))
			_ = g.Wait()
		}
	}
	return []starter{
		{"Go", func(fn func()) { sync2.Go("child", fn).Join() }},
		{"WaitGroup.Go", func(fn func()) { var g sync2.WaitGroup; g.Go(fn); g.Wait() }},
		{"Group.Go", group(func(g *sync2.Group, fn func(context.Context) error) { g.Go("child", fn) })},
		{"Group.TryGo", group(func(g *sync2.Group, fn func(context.Context) error) { g.TryGo("child", fn) })},
		{"Group.GoContext", group(func(g *sync2.Group, fn func(context.Context) error) {
			_ = g.GoContext(context.Background(), "child", fn)
		})},
		{"Submit", func(fn func()) { _, _ = sync2.Submit(e, task(fn)).Result() }},
		{"SubmitContext", func(fn func()) { _, _ = sync2.SubmitContext(context.Background(), e, task(fn)).Result() }},
		{"TrySubmit", func(fn func()) {
			if f, ok := sync2.TrySubmit(e, task(fn)); ok {
				_, _ = f.Result()
			}
		}},
		{"Executor.Execute", func(fn func()) {
			var done sync2.Event
			_ = e.Execute(func(context.Context) { fn(); done.Set() })
			done.Wait()
		}},
		{"Map", func(fn func()) {
			for range sync2.Map(e, slices.Values([]int{0}), func(context.Context, int) (int, error) { fn(); return 0, nil }) {
			}
		}},
	}
}

// eachStarter calls test in a bubble for every way to start a goroutine or a task.
func eachStarter(t *testing.T, test func(t *testing.T, s starter)) {
	t.Helper()
	for i, s := range starters(nil) {
		t.Run(s.op, func(t *testing.T) {
			inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
				defer sync2.ReleaseLocals()
				test(t, starters(e)[i])
			})
		})
	}
}

func TestLocalInherit(t *testing.T) {
	eachStarter(t, func(t *testing.T, s starter) {
		me := goid.Get()
		calls := 0
		l := sync2.Local[int]{New: func() int { return -1 }, Inherit: func(parent int) int {
			calls++
			if goid.Get() != me {
				t.Error("Inherit was called by another goroutine")
			}
			return parent + 1
		}}
		plain := sync2.Local[int]{New: func() int { return -1 }}
		s.start(func() {
			if v, _ := l.Get(); v != -1 {
				t.Errorf("inherited %d of a goroutine without a value", v)
			}
		})
		if v, _ := l.Get(); v != -1 || calls != 0 {
			t.Errorf("%d, after %d calls of Inherit", v, calls)
		}
		l.Set(7)
		plain.Set(7)
		s.start(func() {
			v, _ := l.Get()
			other, _ := plain.Get()
			if v != 8 || other != -1 {
				t.Errorf("inherited %d, want 8, and %d, want -1", v, other)
			}
			l.Set(100)
		})
		if v, _ := l.Get(); v != 7 || calls != 1 {
			t.Errorf("the starter has %d, want 7, after %d calls of Inherit", v, calls)
		}
		l.Delete()
		s.start(func() {
			if v, _ := l.Get(); v != -1 {
				t.Errorf("inherited %d of a goroutine that deleted its value", v)
			}
		})
	})
}

// A worker that has run a task keeps none of the inherited values, and none of them show in later tasks.
func TestLocalInheritIsOfTheTaskAlone(t *testing.T) {
	eachStarter(t, func(t *testing.T, s starter) {
		l := sync2.Local[string]{Inherit: func(parent string) string { return parent }}
		l.Set("request")
		s.start(func() {})
		l.Delete()
		s.start(func() {
			if v, ok := l.Get(); ok {
				t.Errorf("what is left behind: %q", v)
			}
		})
	})
}

// A task inherits the value at the time of the Submit, not at its own start.
func TestLocalInheritIsComputedAtTheStart(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		defer sync2.ReleaseLocals()
		l := sync2.Local[int]{Inherit: func(parent int) int { return parent }}
		var fs []*sync2.Future[int]
		l.Set(1)
		blocker := sync2.Submit(e, after(time.Second, 0))
		for i := range 3 {
			l.Set(10 + i)
			fs = append(fs, sync2.Submit(e, func(context.Context) (int, error) { v, _ := l.Get(); return v, nil }))
		}
		l.Delete()
		_, _ = blocker.Result()
		for i, f := range fs {
			if v, _ := f.Result(); v != 10+i {
				t.Errorf("task %d has %d", i, v)
			}
		}
	})
}

// The value that the worker's initializer has set is back after a task that inherited another value.
func TestLocalInheritPassesOverTheInitializer(t *testing.T) {
	l := sync2.Local[string]{Inherit: func(parent string) string { return parent }}
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		defer sync2.ReleaseLocals()
		get := func(context.Context) (string, error) { v, _ := l.Get(); return v, nil }
		var got []string
		for _, mine := range []string{"", "request", ""} {
			if l.Delete(); mine != "" {
				l.Set(mine)
			}
			v, _ := sync2.Submit(e, get).Result()
			got = append(got, v)
		}
		if want := []string{"worker", "request", "worker"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}, sync2.WithInitializer(func() error {
		if v, ok := l.Get(); ok {
			t.Errorf("a worker inherited %q", v)
		}
		l.Set("worker")
		return nil
	}))
}

// Workers, which a submitter starts, and the goroutine of a Flight, which the first caller starts, inherit nothing.
func TestLocalOursInheritNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer sync2.ReleaseLocals()
		calls := 0
		l := sync2.Local[int]{Inherit: func(parent int) int { calls++; return parent }}
		l.Set(1)
		var f sync2.Flight[int, bool]
		if has, _, _ := f.Do(t.Context(), 1, func(context.Context) (bool, error) { _, ok := l.Get(); return ok, nil }); has {
			t.Error("the goroutine of a Flight has inherited")
		}
		if calls != 0 {
			t.Errorf("Inherit was called %d times for a Flight", calls)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		started := 0
		e := sync2.NewExecutor(1, sync2.WithContext(ctx), sync2.WithInitializer(func() error {
			if _, ok := l.Get(); ok {
				t.Error("a worker has inherited")
			}
			started++
			return nil
		}))
		_, _ = sync2.Submit(e, value(1)).Result()
		e.Shutdown()
		if calls != 1 || started != 1 {
			t.Errorf("%d calls of Inherit for one task, %d workers", calls, started)
		}
	})
}

// A panic in Inherit reaches the starter, and nothing has begun.
func TestLocalInheritPanics(t *testing.T) {
	eachStarter(t, func(t *testing.T, s starter) {
		l := sync2.Local[int]{Inherit: func(int) int { panic(errTest) }}
		l.Set(1)
		before := len(sync2.Goroutines())
		if r := panicOf(func() { s.start(func() { t.Error("it was started") }) }); r != any(errTest) {
			t.Errorf("panic %v", r)
		}
		synctest.Wait()
		if n := len(sync2.Goroutines()); n != before {
			t.Errorf("%d goroutines, %d before", n, before)
		}
		l.Delete()
		started := false
		s.start(func() { started = true })
		if !started {
			t.Error("it is of no use anymore")
		}
	})
}

// Nothing is counted, queued or given away when Inherit panics or ends the starter.
func TestLocalInheritFailsBeforeAnythingCounts(t *testing.T) {
	for how, fail := range map[string]func(){"panic": func() { panic(errTest) }, "Goexit": runtime.Goexit} {
		inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
			g := sync2.NewGroup(t.Context(), sync2.WithLimit(1))
			var wg sync2.WaitGroup
			for _, start := range []func(){
				func() { wg.Go(func() {}) },
				func() { g.Go("", func(context.Context) error { return nil }) },
				func() { sync2.Submit(e, value(1)) },
			} {
				sync2.Go("starter", func() {
					l := sync2.Local[int]{Inherit: func(int) int { fail(); return 0 }}
					l.Set(1)
					defer func() { _ = recover() }()
					start()
					t.Error("it goes on after", how)
				}).Join()
			}
			if wg.Count() != 0 || e.Workers() != 0 || !g.TryGo("", func(context.Context) error { return nil }) {
				t.Errorf("%s: WaitGroup at %d, %d workers", how, wg.Count(), e.Workers())
			}
			wantErr(t, g.Wait(), nil)
		})
	}
}

// Misuse and a context that has ended come first: Inherit is not called for what fails in any case.
func TestLocalInheritComesAfterMisuse(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, e *sync2.Executor) {
		defer sync2.ReleaseLocals()
		l := sync2.Local[int]{Inherit: func(int) int { panic("Inherit was called") }}
		l.Set(1)
		var wg sync2.WaitGroup
		g := sync2.NewGroup(t.Context())
		wantMisuse(t, "Go", func() { sync2.Go("", nil) })
		wantMisuse(t, "WaitGroup.Go", func() { wg.Go(nil) })
		wantMisuse(t, "Group.Go", func() { g.Go("", nil) })
		wantMisuse(t, "Submit", func() { sync2.Submit[int](e, nil) })
		wantErr(t, g.GoContext(ended(errTest), "", func(context.Context) error { return nil }), errTest)
		_, err := sync2.SubmitContext(ended(errTest), e, value(1)).Result()
		wantErr(t, err, errTest)
		l.Delete()
		wantErr(t, g.Wait(), nil)
		wantMisuse(t, "Group.GoContext", func() {
			_ = g.GoContext(ended(errTest), "", func(context.Context) error { return nil })
		})
	})
}

// Inherit may do anything, including with Locals and goroutines.
func TestLocalInheritDoesAnything(t *testing.T) {
	eachStarter(t, func(t *testing.T, s starter) {
		var first, second, third sync2.Local[int]
		first.Inherit = func(parent int) int {
			second.Set(20)
			third.Set(30)
			first.Delete()
			return parent
		}
		second.Inherit = func(parent int) int {
			second.Delete()
			sync2.Go("from Inherit", func() {
				if v, _ := third.Get(); v != 31 {
					t.Errorf("a goroutine started by Inherit has %d", v)
				}
			}).Join()
			sync2.ReleaseLocals()
			return parent
		}
		third.Inherit = func(parent int) int { return parent + 1 }
		first.Set(1)
		second.Set(2)
		s.start(func() {
			a, _ := first.Get()
			b, _ := second.Get()
			if _, ok := third.Get(); a != 1 || b != 20 || ok {
				t.Errorf("inherited %d, %d, %v", a, b, ok)
			}
		})
	})
}

// Locals are asked in the order in which the goroutine had values of them, so that every run is alike.
func TestLocalInheritOrder(t *testing.T) {
	defer sync2.ReleaseLocals()
	locals := make([]sync2.Local[int], 20)
	var asked []int
	for i := range locals {
		locals[i].Inherit = func(parent int) int { asked = append(asked, parent); return parent }
		locals[i].Set(i)
		locals[i].Set(i)
	}
	sync2.Go("child", func() {}).Join()
	if len(asked) != len(locals) || !slices.IsSorted(asked) {
		t.Errorf("asked in the order %v", asked)
	}
}

// In a chain of goroutines, each inherits from the one before.
func TestLocalInheritDown(t *testing.T) {
	l := sync2.Local[int]{Inherit: func(parent int) int { return parent + 1 }}
	var down func(depth int) int
	down = func(depth int) (at int) {
		if depth == 0 {
			at, _ = l.Get()
			return at
		}
		sync2.Go("next", func() { at = down(depth - 1) }).Join()
		return at
	}
	l.Set(0)
	defer sync2.ReleaseLocals()
	if got := down(10); got != 10 {
		t.Errorf("the tenth has %d", got)
	}
}

// Neither the Local nor the value is kept by a goroutine that inherited, once the Local is unreachable.
func TestLocalInheritedValuesAreFreed(t *testing.T) {
	var end sync2.Event
	var child *sync2.Goroutine
	freed := func() <-chan struct{} {
		v, freed := cleaned()
		l := &sync2.Local[*[100]int]{Inherit: func(parent *[100]int) *[100]int { return parent }}
		l.Set(v)
		child = sync2.Go("child", end.Wait)
		l.Delete()
		return freed
	}()
	collect(freed)
	end.Set()
	child.Join()
	sync2.ReleaseLocals()
}

// A canceled task drops the values it would have inherited.
func TestLocalInheritedValuesOfACanceledTaskAreFreed(t *testing.T) {
	l := sync2.Local[*[100]int]{Inherit: func(parent *[100]int) *[100]int { return parent }}
	var gate sync2.Event
	e := occupied(&gate)
	f, freed := func() (*sync2.Future[int], <-chan struct{}) {
		v, freed := cleaned()
		l.Set(v)
		defer l.Delete()
		return sync2.Submit(e, value(1)), freed
	}()
	f.Cancel()
	collect(freed)
	gate.Set()
	e.Shutdown()
	if _, err := f.Result(); !errors.Is(err, sync2.ErrCanceled) {
		t.Error(err)
	}
	sync2.ReleaseLocals()
	runtime.KeepAlive(&l)
}
