package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// A load is the input of the workers of these tests.
type load struct {
	N       int
	File    string
	Mutex   *Mutex
	Sem     *Semaphore
	Event   *Event
	Barrier *Barrier
	Queue   *Queue[string]
	Points  *Queue[point]
}

var (
	namedMutex  = NewMutex(Named("test mutex"))
	namedQueue  = NewQueue[int](4, Named("test queue"))
	orphanEvent = NewEvent()

	addToFile = Register("add to file", func(_ context.Context, j load) (int, error) {
		for range j.N {
			if err := j.Mutex.Lock(); err != nil {
				return 0, err
			}
			err := incrementFile(j.File)
			j.Mutex.Unlock()
			if err != nil {
				return 0, err
			}
		}
		return j.N, nil
	})
	dieHolding = Register("die holding", func(_ context.Context, j load) (int, error) {
		switch {
		case j.Mutex != nil:
			_ = j.Mutex.Lock()
		case j.Sem != nil:
			_ = j.Sem.AcquireN(context.Background(), j.N)
		case j.Queue != nil:
			for range j.N {
				_, _ = j.Queue.Get()
			}
		}
		if j.Event != nil {
			j.Event.Wait()
		}
		killPid(os.Getpid())
		select {}
	})
	lockOnly  = Register("lock only", func(_ context.Context, j load) (int, error) { return 0, j.Mutex.Lock() })
	putLocked = Register("put locked", func(_ context.Context, j load) (int, error) {
		if err := j.Mutex.Lock(); err != nil {
			return 0, err
		}
		defer j.Mutex.Unlock()
		return 0, j.Queue.Put("worker")
	})
	waitFor = Register("wait for", func(ctx context.Context, j load) (string, error) {
		var err error
		index := 0
		timeout := time.Duration(j.N) * time.Millisecond
		switch {
		case j.Mutex != nil && j.N > 0:
			err = j.Mutex.LockTimeout(timeout)
		case j.Mutex != nil:
			err = j.Mutex.LockContext(ctx)
		case j.Sem != nil && j.N > 0:
			err = j.Sem.AcquireTimeout(timeout)
		case j.Sem != nil:
			err = j.Sem.AcquireContext(ctx)
		case j.Event != nil && j.N > 0:
			if !j.Event.WaitTimeout(timeout) {
				err = context.DeadlineExceeded
			}
		case j.Event != nil:
			err = j.Event.WaitContext(ctx)
		case j.Barrier != nil && j.N > 0:
			index, err = j.Barrier.WaitTimeout(timeout)
		case j.Barrier != nil:
			index, err = j.Barrier.WaitContext(ctx)
		}
		return fmt.Sprint(index), err
	})
	misuses = Register("misuses", func(_ context.Context, what string) (int, error) {
		switch what {
		case "orphan":
			orphanEvent.Set()
		case "zero":
			new(Mutex).Unlock()
		case "unlock":
			namedMutex.Unlock()
		}
		return 0, nil
	})
	dry = Register("dry", func(_ context.Context, j load) (int, error) {
		n := 0
		for range j.Queue.All() {
			n++
		}
		return n, nil
	})
	addNamed = Register("add named", func(_ context.Context, n int) (int, error) {
		if err := namedMutex.Lock(); err != nil {
			return 0, err
		}
		defer namedMutex.Unlock()
		return n, namedQueue.Put(n)
	})
	turn = Register("turn", func(_ context.Context, j load) (int, error) {
		p, err := j.Points.Get()
		if err != nil {
			return 0, err
		}
		defer j.Points.TaskDone()
		return p.X, j.Points.Put(point{X: p.Y, Y: p.X})
	})
)

func incrementFile(name string) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(string(b))
	if err != nil {
		return err
	}
	return os.WriteFile(name, []byte(strconv.Itoa(n+1)), 0o600)
}

// eventually waits until cond holds, which another process makes true. It polls, since neither a bubble nor Waiting sees
// other processes.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !cond(); time.Sleep(100 * time.Microsecond) { // it is another process
		if time.Now().After(end) {
			t.Fatalf("it did not come about that %s", what)
		}
	}
}

func TestMutexBetweenProcesses(t *testing.T) {
	name := filepath.Join(t.TempDir(), "count")
	if err := os.WriteFile(name, []byte("0"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, format := range []Option{WithGob(), WithJSON()} {
		e := newExecutor(t, 3, format)
		var m Mutex
		var fs []*sync2.Future[int]
		for range 6 {
			fs = append(fs, Submit(e, addToFile, load{N: 20, File: name, Mutex: &m}))
		}
		for range 20 {
			if err := m.Lock(); err != nil {
				t.Fatal(err)
			}
			if err := incrementFile(name); err != nil {
				t.Error(err)
			}
			m.Unlock()
		}
		for _, f := range fs {
			result(t, f)
		}
	}
	if b, _ := os.ReadFile(name); string(b) != "280" {
		t.Errorf("the count is %s", b)
	}
}

// A goroutine that waits for what a dead process held gets it, and the death is reported to it once.
func TestHolderDies(t *testing.T) {
	e := newExecutor(t, 1, OnDeath(Respawn))
	var m Mutex
	var die Event
	s := NewBoundedSemaphore(3)
	q := NewQueue[string](0)
	for i := range 4 {
		_ = q.Put(fmt.Sprint(i))
	}
	held := func(err error) {
		t.Helper()
		exit, ok := errors.AsType[*ExitError](err)
		if !errors.Is(err, ErrHolderDied) || !ok || exit.Name != "worker-1" {
			t.Errorf("%v", err)
		}
	}
	f := Submit(e, dieHolding, load{Mutex: &m, Event: &die})
	eventually(t, "the worker waits", func() bool { return die.Waiting() == 1 })
	told := make(chan error)
	go func() { told <- m.Lock() }()
	eventually(t, "a goroutine waits for the lock", func() bool { return m.Waiting() == 1 })
	if !strings.HasPrefix(m.String(), "mutex: locked by worker-1 (pid ") {
		t.Error(&m)
	}
	die.Set()
	held(<-told)
	if errorOf(f) == nil || m.TryLock() {
		t.Error("the lock is held")
	}
	m.Unlock()
	if err := m.LockTimeout(0); err != nil {
		t.Error("reported twice:", err)
	}
	m.Unlock()

	_ = errorOf(Submit(e, dieHolding, load{Sem: s, N: 2}))
	if s.Available() != 3 {
		t.Error(s)
	}
	held(s.Acquire())
	if err := s.Acquire(); err != nil {
		t.Error("reported twice:", err)
	}

	_ = errorOf(Submit(e, dieHolding, load{Queue: q, N: 3}))
	if n := q.Unfinished(); n != 1 {
		t.Error(n)
	}
	if v, err := q.Get(); v != "3" || err != nil {
		t.Error(v, err)
	}
	q.TaskDone()
	held(q.Join())
	if err := q.JoinTimeout(0); err != nil {
		t.Error("reported twice:", err)
	}
}

// The next holder may be another worker.
func TestHolderDiesWorkerIsTold(t *testing.T) {
	e := newExecutor(t, 2, OnDeath(Respawn))
	var m Mutex
	die := NewEvent()
	f := Submit(e, dieHolding, load{Mutex: &m, Event: die})
	eventually(t, "the worker waits", func() bool { return die.Waiting() == 1 })
	next := Submit(e, waitFor, load{Mutex: &m})
	eventually(t, "the other worker waits", func() bool { return m.Waiting() == 1 })
	die.Set()
	if err := errorOf(next); !errors.Is(err, ErrHolderDied) {
		t.Error(err)
	}
	_ = errorOf(f)
	if !m.Locked() {
		t.Error("the lock is held by the worker that got the error")
	}
}

func TestRedeliver(t *testing.T) {
	e := newExecutor(t, 2, OnDeath(Respawn))
	q := NewQueue[string](5, Redeliver())
	for i := range 5 {
		_ = q.Put(fmt.Sprint(i))
	}
	_ = errorOf(Submit(e, dieHolding, load{Queue: q, N: 3}))
	eventually(t, "the items are back", func() bool { return q.Len() == 5 })
	fs := []*sync2.Future[int]{Submit(e, dry, load{Queue: q}), Submit(e, dry, load{Queue: q})}
	if err := q.Join(); err != nil {
		t.Error(err)
	}
	q.Close()
	if n := result(t, fs[0]) + result(t, fs[1]); n != 5 {
		t.Errorf("%d items were dried", n)
	}
}

// Items are put back at once even if the queue is full, and no goroutine waits for room to do so.
func TestRedeliverIntoAFullQueue(t *testing.T) {
	e := newExecutor(t, 1, OnDeath(Respawn))
	q, die := NewQueue[string](2, Redeliver()), NewEvent()
	_ = q.Put("0")
	_ = q.Put("1")
	f := Submit(e, dieHolding, load{Queue: q, Event: die, N: 2})
	eventually(t, "the items are taken", func() bool { return q.Len() == 0 })
	_ = q.Put("2")
	_ = q.Put("3")
	die.Set()
	_ = errorOf(f)
	eventually(t, "the items are back", func() bool { return q.Len() == 4 })
	if n := q.Unfinished(); n != 4 {
		t.Errorf("%d items are unfinished", n)
	}
	q.Close()
	for _, want := range []string{"2", "3", "0", "1"} {
		if got, err := q.Get(); got != want || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
		q.TaskDone()
	}
	if err := q.Join(); err != nil {
		t.Error(err)
	}
}

func TestWaitsOfWorkers(t *testing.T) {
	e := newExecutor(t, 1)
	var m Mutex
	_ = m.Lock()
	s := NewSemaphore(0)
	ev := new(Event)
	for _, j := range []load{{Mutex: &m}, {Sem: s}, {Event: ev}} {
		j.N = 1
		if err := errorOf(Submit(e, waitFor, j)); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		j.N = 0
		f := Submit(e, waitFor, j)
		eventually(t, "the worker waits", func() bool { return m.Waiting()+s.Waiting()+ev.Waiting() == 1 })
		f.Cancel()
		if err := errorOf(f); !errors.Is(err, sync2.ErrCanceled) {
			t.Error(err)
		}
		if n := m.Waiting() + s.Waiting() + ev.Waiting(); n != 0 {
			t.Errorf("%d wait still", n)
		}
	}
	f := Submit(e, waitFor, load{Event: ev})
	eventually(t, "the worker waits", func() bool { return ev.Waiting() == 1 })
	ev.Set()
	result(t, f)
}

func TestBarrierBetweenProcesses(t *testing.T) {
	e := newExecutor(t, 2, OnDeath(Respawn))
	b := NewBarrier(3)
	pair := func() []*sync2.Future[string] {
		fs := []*sync2.Future[string]{Submit(e, waitFor, load{Barrier: b}), Submit(e, waitFor, load{Barrier: b})}
		eventually(t, "both wait", func() bool { return b.Waiting() == 2 })
		return fs
	}
	fs := pair()
	if i, err := b.Wait(); i != 2 || err != nil {
		t.Error(i, err)
	}
	places := []string{result(t, fs[0]), result(t, fs[1])}
	slices.Sort(places)
	if !slices.Equal(places, []string{"0", "1"}) {
		t.Error(places)
	}

	why := errOdd
	fs = pair()
	b.Abort(why)
	for _, f := range fs {
		if err := errorOf(f); !errors.Is(err, sync2.ErrBroken) || !errors.Is(err, why) {
			t.Error(err)
		}
	}
	b.Reset()
	fs = pair()
	killPid(e.Pids()[0])
	var exits atomic.Int32
	for _, f := range fs {
		err := errorOf(f)
		if _, ok := errors.AsType[*ExitError](err); !ok {
			t.Error(err)
		}
		if errors.Is(err, sync2.ErrBroken) {
			exits.Add(1)
		}
	}
	if exits.Load() != 1 || !b.Broken() {
		t.Error("the barrier breaks for the one that lives")
	}
	b.Reset()
	if err := errorOf(Submit(e, waitFor, load{Barrier: b, N: 1})); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, sync2.ErrBroken) {
		t.Error(err)
	}
}

func TestNamed(t *testing.T) {
	e := newExecutor(t, 2)
	var fs []*sync2.Future[int]
	for i := range 10 {
		fs = append(fs, Submit(e, addNamed, i))
	}
	sum := 0
	for range 10 {
		v, err := namedQueue.Get()
		if err != nil {
			t.Fatal(err)
		}
		sum += v
	}
	if sum != 45 {
		t.Error(sum)
	}
	for _, f := range fs {
		result(t, f)
	}
	if NewMutex(Named("test mutex")).state.Load().local != namedMutex.state.Load().local {
		t.Error("the same name is another mutex")
	}
}

func TestQueueOfStructs(t *testing.T) {
	e := newExecutor(t, 1)
	q := NewQueue[point](2)
	_ = q.Put(point{X: 1, Y: 2, Next: &point{X: 5}})
	if x := result(t, Submit(e, turn, load{Points: q})); x != 1 {
		t.Error(x)
	}
	if p, err := q.Get(); p.X != 2 || err != nil {
		t.Error(p, err)
	}
	q.Close()
	if err := errorOf(Submit(e, turn, load{Points: q})); !errors.Is(err, sync2.ErrClosed) {
		t.Error(err)
	}
}

func TestMisuseOfShared(t *testing.T) {
	e := newExecutor(t, 1)
	for _, what := range []string{"orphan", "zero", "unlock"} {
		_, err := Submit(e, misuses, what).Result()
		p, ok := errors.AsType[*sync2.PanicError](err)
		if !ok || !strings.HasPrefix(fmt.Sprint(p.Value), "sync2: process.") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Objects that no process can use anymore are freed. A worker may use what it was given while it lives.
func TestObjectsAreFreed(t *testing.T) {
	numbers := func() int {
		runtime.GC()
		objects.Lock()
		defer objects.Unlock()
		return len(objects.byNumber)
	}
	before := numbers()
	e := newExecutor(t, 1)
	var fs []*sync2.Future[string]
	for range 10 {
		ev := NewEvent()
		ev.Set()
		fs = append(fs, Submit(e, waitFor, load{Event: ev}))
		NewSemaphore(1)
	}
	for range 3 {
		runtime.GC()
	}
	for _, f := range fs {
		result(t, f)
	}
	e.Shutdown()
	eventually(t, "they are freed", func() bool { return numbers() <= before })
}
