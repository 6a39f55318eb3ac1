package process

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
)

func newExecutor(t *testing.T, workers int, opts ...Option) *Executor {
	t.Helper()
	e := NewExecutor(workers, opts...)
	t.Cleanup(e.Shutdown)
	return e
}

func result[T any](t *testing.T, f *sync2.Future[T]) T {
	t.Helper()
	v, err := f.ResultTimeout(patience)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSubmit(t *testing.T) {
	e := newExecutor(t, 2)
	if n := result(t, Submit(e, square, 12)); n != 144 {
		t.Errorf("square of 12: %d", n)
	}
	if p := result(t, Submit(e, mirror, point{X: 1, Y: 2})); p.X != 2 || p.Next.X != 1 {
		t.Errorf("%+v", p)
	}
	if p := result(t, Submit(e, nobody, nil)); p != nil {
		t.Errorf("nil became %v", p)
	}
	if s := result(t, Submit(e, upper, "hello")); s != "HELLO" {
		t.Error(s)
	}
	if f := result(t, Submit(e, double, []float64{1, 2.5})); !slices.Equal(f, []float64{2, 5}) {
		t.Error(f)
	}
	for _, b := range [][]byte{nil, {}, {1, 0xff}} {
		r := result(t, Submit(e, invert, b))
		if (r == nil) != (b == nil) || len(r) != len(b) || len(b) == 2 && (r[0] != 0xfe || r[1] != 0) {
			t.Errorf("%v became %v", b, r)
		}
	}
	if s := result(t, Submit(e, anyIn, any(3))); s != "int 3" {
		t.Error(s)
	}
	if f, ok := TrySubmit(e, square, 9); !ok || result(t, f) != 81 {
		t.Error(f)
	}
	var pids []int
	for v, err := range Map(e, slices.Values(make([]struct{}, 40)), pid) {
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(e.Pids(), v) {
			t.Errorf("pid %d is not of %v", v, e.Pids())
		}
		pids = append(pids, v)
	}
	if len(pids) != 40 {
		t.Errorf("%d results", len(pids))
	}
}

func TestErrors(t *testing.T) {
	e := newExecutor(t, 1)
	_, err := Submit(e, half, 3).Result()
	remote, ok := errors.AsType[*RemoteError](err)
	if !ok || !errors.Is(err, errOdd) || err.Error() != "half of 3: the number is odd" || remote.Name != "worker-1" || remote.Pid != e.Pids()[0] {
		t.Errorf("%#v", err)
	}
	_, err = Submit(e, panics, "ouch").Result()
	p, ok := errors.AsType[*sync2.PanicError](err)
	if !ok || p.Value != "ouch" || !strings.Contains(string(p.Stack), "main_test.go") {
		t.Errorf("%#v", err)
	}
	if _, err = Submit(e, goexit, 0).Result(); err == nil || err.Error() != errGoexit.Error() {
		t.Error(err)
	}
	_, err = Submit(e, chans, struct{ C chan int }{}).Result()
	if _, ok := errors.AsType[*EncodingError](err); !ok {
		t.Error(err)
	}
	if _, err = Submit(e, anyIn, any(struct{ N int }{1})).Result(); err == nil {
		t.Error("gob does not know of that type")
	}
	if _, err = Submit(e, anyOut, 0).Result(); err == nil {
		t.Error("gob does not know of that type")
	}
	t.Log(err)
	for range 3 {
		if p := result(t, Submit(e, mirror, point{X: 1, Y: 2})); p.X != 2 {
			t.Error(p)
		}
		if v := result(t, Submit(e, anyOut, 2)); v != 2 {
			t.Error(v)
		}
	}
}

func TestDeathBreaks(t *testing.T) {
	e := newExecutor(t, 2)
	result(t, Submit(e, pid, struct{}{}))
	long := Submit(e, untilCanceled, struct{}{})
	f := Submit(e, suicide, struct{}{})
	queued := Submit(e, square, 2)
	for _, err := range []error{errorOf(f), errorOf(long), errorOf(queued), errorOf(Submit(e, square, 3))} {
		exit, ok := errors.AsType[*ExitError](err)
		if !errors.Is(err, sync2.ErrBroken) || !ok || exit.Signal() != syscall.SIGKILL {
			t.Errorf("%v", err)
		}
	}
}

func errorOf[T any](f *sync2.Future[T]) error {
	_, err := f.ResultTimeout(patience)
	return err
}

func TestRespawn(t *testing.T) {
	e := newExecutor(t, 1, OnDeath(Respawn))
	for range 3 {
		before := result(t, Submit(e, pid, struct{}{}))
		err := errorOf(Submit(e, exits, 3))
		if exit, ok := errors.AsType[*ExitError](err); !ok || exit.Code != 3 || exit.Pid != before || errors.Is(err, sync2.ErrBroken) {
			t.Error(err)
		}
		if after := result(t, Submit(e, pid, struct{}{})); after == before {
			t.Error("the process that died runs a task")
		}
	}
}

func TestCancel(t *testing.T) {
	e := newExecutor(t, 1)
	f := Submit(e, untilCanceled, struct{}{})
	queued := Submit(e, square, 1)
	eventually(t, "the task runs", func() bool { return f.State() == sync2.Running })
	if !queued.Cancel() || f.Cancel() {
		t.Error("only the task that has not begun can be canceled")
	}
	if err := errorOf(f); !errors.Is(err, context.Canceled) || !errors.Is(err, sync2.ErrCanceled) {
		t.Error(err)
	}
	why := errors.New("enough")
	f = Submit(e, untilCanceled, struct{}{})
	eventually(t, "the task runs", func() bool { return f.State() == sync2.Running })
	e.Cancel(why)
	if err := errorOf(f); !errors.Is(err, why) {
		t.Error(err)
	}
}

func TestInitializer(t *testing.T) {
	e := newExecutor(t, 2, WithInitializer(sets, 41))
	if n := result(t, Submit(e, count, struct{}{})); n != 42 {
		t.Error(n)
	}
	e = newExecutor(t, 2, WithInitializer(half, 3))
	if err := errorOf(Submit(e, square, 1)); !errors.Is(err, sync2.ErrBroken) || !errors.Is(err, errOdd) {
		t.Error(err)
	}
}

func TestMaxTasks(t *testing.T) {
	e := newExecutor(t, 1, MaxTasks(2))
	var pids []int
	for range 6 {
		pids = append(pids, result(t, Submit(e, pid, struct{}{})))
	}
	if pids[0] != pids[1] || pids[1] == pids[2] || pids[2] != pids[3] || pids[3] == pids[4] {
		t.Error(pids)
	}
}

func TestStart(t *testing.T) {
	p, err := Start("squarer", square, 3)
	if err != nil {
		t.Fatal(err)
	}
	p.Join()
	if p.ExitCode() != 0 || p.Err() != nil || p.Alive() {
		t.Error(p, p.Err())
	}
	p, _ = Start("", suicide, struct{}{})
	p.Join()
	if p.ExitCode() != -9 {
		t.Error(p, p.ExitCode(), p.Err())
	}
	p, _ = Start("half", half, 3)
	if !errors.Is(p.Err(), errOdd) || p.ExitCode() != 1 {
		t.Error(p, p.Err())
	}
}

func BenchmarkBurst(b *testing.B) {
	e := NewExecutor(2)
	defer e.Shutdown()
	_, _ = Submit(e, square, 1).Result()
	b.ResetTimer()
	var fs []*sync2.Future[int]
	for i := range b.N {
		fs = append(fs, Submit(e, square, i))
	}
	for _, f := range fs {
		if _, err := f.Result(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	e := NewExecutor(2)
	defer e.Shutdown()
	_, _ = Submit(e, square, 1).Result()
	for i := range b.N {
		_, _ = Submit(e, square, i).Result()
	}
}
