package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/nightly"
	"github.com/turnstile-go/turnstile/sync2"
)

// Workers are killed at random, and each Future settles with the right result or with an error that says what happened.
func TestKilledAtRandom(t *testing.T) {
	kills := nightly.Or(100, 300)
	if testing.Short() {
		kills = 30
	}
	e := newExecutor(t, 3, OnDeath(Respawn))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	var good, lost int
	var mu sync.Mutex
	for range 4 {
		wg.Go(func() {
			for i := 0; !closed(stop); i++ {
				n, err := Submit(e, square, i).ResultTimeout(patience)
				mu.Lock()
				_, died := errors.AsType[*ExitError](err)
				switch {
				case err == nil && n == i*i:
					good++
				case died:
					lost++
				default:
					t.Errorf("the square of %d: %d, %v", i, n, err)
				}
				mu.Unlock()
			}
		})
	}
	for range kills {
		mu.Lock()
		before := good
		mu.Unlock()
		enough := before + rand.IntN(30) + 1
		eventually(t, "tasks succeed", func() bool { mu.Lock(); defer mu.Unlock(); return good >= enough })
		pids := e.Pids()
		killPid(pids[rand.IntN(len(pids))])
	}
	close(stop)
	wg.Wait()
	t.Logf("%d kills, %d tasks: %d with their result, %d with an ExitError, none unsettled", kills, good+lost, good, lost)
	if good == 0 {
		t.Error("no task came to its end")
	}
}

// The same, but workers that have only just started are killed too.
func TestKilledBlindly(t *testing.T) {
	const workers = 3
	e := newExecutor(t, workers, OnDeath(Respawn))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	good, lost := 0, 0
	wg.Go(func() {
		for !closed(stop) {
			if errorOf(Submit(e, square, 2)) == nil {
				good++
			} else {
				lost++
			}
		}
	})
	kills, pause := 150, 4*time.Millisecond
	if raceEnabled { // then it takes them longer to begin
		kills, pause = 60, 40*time.Millisecond
	}
	for range kills {
		if pids := e.Pids(); len(pids) > 0 {
			killPid(pids[rand.IntN(len(pids))])
		}
		time.Sleep(rand.N(pause)) // not to wait for anything
	}
	close(stop)
	wg.Wait()
	// Each worker that was killed last, and is not yet known to be dead, may take one more task with it.
	var n int
	err := errors.New("not submitted")
	for left := workers; err != nil && left >= 0; left-- {
		n, err = Submit(e, square, 3).ResultTimeout(patience)
	}
	if n != 9 || err != nil {
		t.Error(n, err)
	}
	t.Logf("%d kills: %d tasks with their result, %d with an error", kills, good, lost)
}

// The same for executors that break.
func TestBrokenAtRandom(t *testing.T) {
	for range 15 {
		e := NewExecutor(2)
		var fs []*sync2.Future[int]
		for i := range 200 {
			fs = append(fs, Submit(e, square, i))
		}
		result(t, fs[rand.IntN(100)])
		killPid(e.Pids()[rand.IntN(2)])
		for i, f := range fs {
			n, err := f.ResultTimeout(patience)
			if err == nil && n != i*i || err != nil && !errors.Is(err, sync2.ErrBroken) {
				t.Errorf("the square of %d: %d, %v", i, n, err)
			}
		}
		e.Shutdown()
	}
}

// The death of an idle worker is noticed.
func TestIdleDeath(t *testing.T) {
	e := newExecutor(t, 1)
	result(t, Submit(e, square, 1))
	begun := time.Now()
	killPid(e.Pids()[0])
	eventually(t, "the executor is broken", func() bool { return e.workers.failure() != nil })
	t.Logf("broken after %v", time.Since(begun))
	if err := errorOf(Submit(e, square, 1)); !errors.Is(err, sync2.ErrBroken) {
		t.Error(err)
	}
}

func TestMainNotCalled(t *testing.T) {
	for helper, want := range map[string]string{
		"forgetful":        "sync2: process.NewExecutor: Main was not called: it must be the first line of main, or of TestMain",
		"forgetful worker": "did not call process.Main within 100ms",
	} {
		out, err := helperCommand(t, helper).CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v\n%s", helper, err, out)
		}
	}
}

func TestClosedFiles(t *testing.T) {
	if err := helperCommand(t, "closed").Run(); err != nil {
		t.Error(err)
	}
}

func TestOutput(t *testing.T) {
	var stdout, stderr bytes.Buffer
	e := NewExecutor(1, WithStdout(&stdout), WithStderr(&stderr))
	text := strings.Repeat("x", 1<<20)
	n, err := Submit(e, prints, text).Result()
	e.Shutdown()
	if n != len(text) || err != nil || stdout.String() != text || stderr.String() != text {
		t.Error(n, err, stdout.Len(), stderr.Len())
	}
}

// Several workers may write to a Writer that is not safe for concurrent use.
func TestOutputOfSeveral(t *testing.T) {
	var out bytes.Buffer
	e := NewExecutor(3, WithStdout(&out), WithStderr(&out))
	var fs []*sync2.Future[int]
	for range 30 {
		fs = append(fs, Submit(e, prints, "x"))
	}
	for _, f := range fs {
		result(t, f)
	}
	e.Shutdown()
	if out.String() != strings.Repeat("x", 60) {
		t.Errorf("%q", out.String())
	}
}

func TestKill(t *testing.T) {
	e := newExecutor(t, 2)
	f, g := Submit(e, spin, struct{}{}), Submit(e, nap, time.Hour)
	eventually(t, "the tasks run", func() bool { return f.State() == sync2.Running && g.State() == sync2.Running })
	if s := e.String(); s != "executor worker: 2 processes, 0 tasks queued" {
		t.Error(s)
	}
	e.Kill(errOdd)
	for _, err := range []error{errorOf(f), errorOf(g)} {
		if !errors.Is(err, errOdd) || !errors.Is(err, sync2.ErrBroken) {
			t.Error(err)
		}
	}
	if !e.ShutdownTimeout(patience) || e.String() != "executor worker: sync2: broken: the number is odd" {
		t.Error(e)
	}
}

// Whatever the methods of values and errors do, the Future settles, and the executor goes on.
func TestHostileValues(t *testing.T) {
	e := newExecutor(t, 1)
	for _, what := range []string{
		"panic", "exit", "error", "panic decode", "exit decode", "error decode",
		"then panic", "then exit", "then error", "then panic decode", "then exit decode", "then error decode",
	} {
		if err := errorOf(Submit(e, back, hostile{what})); err == nil {
			t.Errorf("%s: no error", what)
		}
		if h := result(t, Submit(e, back, hostile{"then good"})); h.What != "good" {
			t.Errorf("after %s: %v", what, h)
		}
		if p := result(t, Submit(e, mirror, point{X: 1, Y: 2})); p.X != 2 {
			t.Errorf("after %s: %v", what, p)
		}
	}
	for _, what := range []string{"nil", "panic", "exit"} {
		if err := errorOf(Submit(e, badError, what)); err == nil {
			t.Errorf("%s: no error", what)
		}
		result(t, Submit(e, square, 1))
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("PROCESS_TEST_VALUE", "seen")
	e := newExecutor(t, 1)
	if v := result(t, Submit(e, getenv, "PROCESS_TEST_VALUE")); v != "seen" {
		t.Error(v)
	}
	if v := result(t, Submit(e, getenv, bootEnv)); v != "" {
		t.Error("programs that the worker starts would take themselves for workers:", v)
	}
}

func TestNested(t *testing.T) {
	e := newExecutor(t, 1, WithName("outer"))
	if v := result(t, Submit(e, nested, 5)); v != "25 by inner-1 of outer-1" {
		t.Error(v)
	}
}

func TestExitInTask(t *testing.T) {
	e := newExecutor(t, 1)
	exit, ok := errors.AsType[*ExitError](errorOf(Submit(e, exits, 0)))
	if !ok || exit.Code != 0 || exit.Status != "exit status 0" {
		t.Error(exit)
	}
}

func TestInitializerDies(t *testing.T) {
	for _, option := range []Option{WithInitializer(exits, 7), WithInitializer(panics, "no"), WithInitializer(goexit, 0)} {
		e := newExecutor(t, 2, option, OnDeath(Respawn))
		err := errorOf(Submit(e, square, 1))
		if !errors.Is(err, sync2.ErrBroken) {
			t.Error(err)
		}
	}
	e := newExecutor(t, 1, WithInitializer(chans, struct{ C chan int }{}))
	if _, ok := errors.AsType[*EncodingError](errorOf(Submit(e, square, 1))); !ok {
		t.Error("the input of the initializer cannot travel")
	}
}

func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	e := newExecutor(t, 1, WithContext(ctx))
	f, queued := Submit(e, untilCanceled, struct{}{}), Submit(e, square, 1)
	eventually(t, "the task runs", func() bool { return f.State() == sync2.Running })
	cancel(errOdd)
	for _, err := range []error{errorOf(f), errorOf(queued)} {
		if !errors.Is(err, errOdd) || !errors.Is(err, sync2.ErrCanceled) {
			t.Error(err)
		}
	}
	ctx2, cancel2 := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel2()
	e = newExecutor(t, 1, WithContext(ctx2))
	if err := errorOf(Submit(e, untilCanceled, struct{}{})); !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, sync2.ErrCanceled) {
		t.Error(err)
	}
}

func TestShutdown(t *testing.T) {
	e := NewExecutor(2)
	f := Submit(e, nap, 30*time.Millisecond)
	inside := make(chan error, 1)
	f.OnDone(func(*sync2.Future[time.Duration]) { inside <- e.ShutdownContext(t.Context()) })
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(errOdd)
	if err := e.ShutdownContext(ended); !errors.Is(err, errOdd) {
		t.Error(err)
	}
	if err := errorOf(Submit(e, square, 1)); !errors.Is(err, sync2.ErrShutdown) {
		t.Error(err)
	}
	if f, ok := TrySubmit(e, square, 1); ok {
		t.Error(f)
	}
	e.Shutdown()
	if err := <-inside; err != nil {
		t.Error(err)
	}
	if _, err := f.ResultTimeout(0); err != nil || len(e.Pids()) != 0 || len(Processes()) != 0 {
		t.Error(err, e.Pids(), Processes())
	}
}

func TestProcesses(t *testing.T) {
	p, err := Start("sleeper", nap, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	e := newExecutor(t, 1, WithName("pool"))
	all := Processes()
	if len(all) != 2 || all[0] != p || all[1].Name() != "pool-1" || all[1].Pid() != e.Pids()[0] {
		t.Error(all)
	}
	if p.JoinTimeout(time.Millisecond) || !p.Alive() || p.ExitCode() != -1 || p.Name() != "sleeper" {
		t.Error(p)
	}
	p.Terminate()
	p.Join()
	if p.ExitCode() != -15 && runtime.GOOS != "windows" {
		t.Error(p)
	}
	if p.String() != "process sleeper (pid "+strconv.Itoa(p.Pid())+"): signal: terminated" && runtime.GOOS != "windows" {
		t.Error(p)
	}
	p.Kill() // does nothing
	if c := Current(); c.Name() != "main" || c.Pid() != os.Getpid() || !c.Alive() {
		t.Error(c)
	}
	for name, f := range map[string]func(){"Join": Current().Join, "Kill": Current().Kill} {
		if misusePanic(f) == nil {
			t.Error(name, "of oneself does not panic")
		}
	}
}

func misusePanic(f func()) (e *sync2.UsageError) {
	defer func() { e, _ = recover().(*sync2.UsageError) }()
	f()
	return nil
}

func TestMisuse(t *testing.T) {
	e := newExecutor(t, 1)
	for name, f := range map[string]func(){
		"no workers":         func() { NewExecutor(0) },
		"late Register":      func() { Register("late", func(context.Context, int) (int, error) { return 0, nil }) },
		"nil function":       func() { Register[int, int]("nil", nil) },
		"zero Func":          func() { Submit(e, Func[int, int]{}, 1) },
		"nil executor":       func() { Submit(nil, square, 1) },
		"zero Executor":      func() { new(Executor).Shutdown() },
		"MaxTasks":           func() { MaxTasks(0) },
		"OnDeath":            func() { OnDeath(7) },
		"nil context":        func() { _ = e.ShutdownContext(nil) }, //nolint:staticcheck // that is the point
		"nil context option": func() { WithContext(nil) },           //nolint:staticcheck // that is the point
		"zero Start":         func() { _, _ = Start("x", Func[int, int]{}, 1) },
		"taken error name":   func() { _ = RegisterError("odd", errOdd) },
		"zero Queue":         func() { new(Queue[int]).Close() },
		"empty name":         func() { NewMutex(Named("")) },
		"taken name":         func() { NewEvent(Named("test mutex")) },
		"another size":       func() { NewQueue[int](5, Named("test queue")) },
		"negative":           func() { NewSemaphore(-1) },
		"parties":            func() { NewBarrier(0) },
		"unlock":             func() { NewMutex().Unlock() },
		"past the bound":     func() { NewBoundedSemaphore(1).Release() },
		"TaskDone":           func() { NewQueue[int](1).TaskDone() },
	} {
		if misusePanic(f) == nil {
			t.Errorf("%s: no UsageError", name)
		}
	}
}

// Large values are streamed: a cancel or a lock need not wait for them.
func TestHuge(t *testing.T) {
	if testing.Short() {
		t.Skip("400 MB")
	}
	e := newExecutor(t, 1)
	size := 400 << 20
	if raceEnabled {
		size = 40 << 20
	}
	begun := time.Now()
	if n := result(t, Submit(e, measure, make([]byte, size))); n != size {
		t.Error(n)
	}
	t.Logf("%d MB there in %v", size>>20, time.Since(begun))
	begun = time.Now()
	if b := result(t, Submit(e, blank, size)); len(b) != size {
		t.Error(len(b))
	}
	t.Logf("%d MB back in %v", size>>20, time.Since(begun))
	p := parcel{"parcel", bytes.Repeat([]byte{1, 2, 3, 4}, size/80)}
	begun = time.Now()
	if q := result(t, Submit(e, big, p)); q.Label != p.Label || !bytes.Equal(q.Data, p.Data) {
		t.Error(len(q.Data))
	}
	t.Logf("%d MB in a struct there and back in %v", len(p.Data)>>20, time.Since(begun))
}

func TestManyTypes(t *testing.T) {
	e := newExecutor(t, 2, WithJSON())
	for i := range 50 {
		if p := result(t, Submit(e, mirror, point{X: i, Y: 2})); p.Y != i || p.Next.X != i {
			t.Error(fmt.Sprint(p))
		}
	}
}
