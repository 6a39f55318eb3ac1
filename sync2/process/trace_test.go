package process

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var meets = Register("meets", func(_ context.Context, j load) (int, error) {
	gate := sync2.NewBarrier(2)
	trace.Name(gate, "gate")
	g := sync2.Go("helper", func() { _, _ = gate.Wait() })
	_, _ = gate.Wait()
	g.Join()
	if err := j.Mutex.Lock(); err != nil {
		return 0, err
	}
	defer j.Mutex.Unlock()
	trace.Log("inside")
	return j.N, nil
})

// The trace covers all processes and is consistent, and so is a second trace.
func TestTrace(t *testing.T) {
	e := newExecutor(t, 2, WithName("cook"))
	m := NewMutex(Named("kitchen"))
	result(t, Submit(e, meets, load{Mutex: m}))
	for range 2 {
		rec := trace.NewRecorder(1 << 16)
		if err := trace.Start(rec); err != nil {
			t.Fatal(err)
		}
		if err := m.Lock(); err != nil {
			t.Fatal(err)
		}
		var fs []*sync2.Future[int]
		for i := range 2 {
			fs = append(fs, Submit(e, meets, load{N: i, Mutex: m}))
		}
		eventually(t, "both workers wait", func() bool { return m.Waiting() == 2 })
		m.Unlock()
		for _, f := range fs {
			result(t, f)
		}
		trace.Stop()
		checkTrace(t, rec.Events(), e)
	}
}

var dieWaiting = Register("die waiting", func(_ context.Context, j load) (int, error) {
	trace.Log("will die")
	for _, name := range []string{"waits here", "waits for another"} {
		sync2.Go(name, func() {
			if name == "waits here" {
				new(sync2.Event).Wait()
			}
			_ = j.Mutex.Lock()
		})
	}
	j.Event.Wait()
	killPid(os.Getpid())
	select {}
})

// The trace shows the death of a worker, also at the objects for which its goroutines wait.
func TestTraceOfDeath(t *testing.T) {
	e := newExecutor(t, 1, OnDeath(Respawn))
	rec := trace.NewRecorder(1 << 16)
	if err := trace.Start(rec); err != nil {
		t.Fatal(err)
	}
	m, die := NewMutex(), NewEvent()
	_ = m.Lock()
	f := Submit(e, dieWaiting, load{Mutex: m, Event: die})
	eventually(t, "it waits", func() bool { return die.Waiting() == 1 && m.Waiting() == 1 })
	die.Set()
	_ = errorOf(f)
	m.Unlock()
	result(t, Submit(e, square, 1))
	trace.Stop()
	v := trace.NewValidator()
	v.AllowWaiting = true
	exits := make(map[string]string)
	names := make(map[int64]string)
	for _, ev := range rec.Events() {
		if err := v.Event(ev); err != nil {
			t.Error(err)
		}
		switch ev.Kind {
		case trace.KindDefineG:
			names[ev.G], _, _ = strings.Cut(ev.Text, " (pid ")
		case trace.KindExit:
			_, exits[names[ev.G]], _ = strings.Cut(ev.Text, ") ")
		}
	}
	for _, name := range []string{"worker-1", "waits here", "waits for another"} {
		if exits[name] != "died: signal: killed" {
			t.Errorf("%s ended with %q", name, exits[name])
		}
	}
}

func checkTrace(t *testing.T, events []trace.Event, e *Executor) {
	t.Helper()
	v := trace.NewValidator()
	v.AllowWaiting = true
	for _, ev := range events {
		if err := v.Event(ev); err != nil {
			t.Error(err)
		}
	}
	if err := v.Finish(); err != nil {
		t.Error(err)
	}
	seen := make(map[string]int)
	names := make(map[int64]string)
	for _, ev := range events {
		switch ev.Kind {
		case trace.KindDefineG:
			names[ev.G] = ev.Text
			seen[ev.Text]++
		case trace.KindDefineObj:
			seen[ev.Text]++
		case trace.KindBlock, trace.KindArrive, trace.KindLog, trace.KindAcquire, trace.KindSpawn, trace.KindExit:
			seen[names[ev.G]+" "+ev.Kind.String()]++
		}
	}
	for i, pid := range e.Pids() {
		cook := fmt.Sprintf("cook-%d (pid %d)", i+1, pid)
		for _, want := range []string{
			cook, fmt.Sprintf("helper (pid %d)", pid), fmt.Sprintf("gate (pid %d)", pid), "kitchen",
			cook + " arrive", cook + " block", cook + " acquire", cook + " log", cook + " spawn", fmt.Sprintf("helper (pid %d) exit", pid),
		} {
			if seen[want] == 0 {
				t.Errorf("there is no %q", want)
			}
		}
		if seen[cook] != 1 {
			t.Errorf("%s is %d goroutines", cook, seen[cook])
		}
	}
	var s timeline.State
	for _, ev := range events {
		if err := s.Apply(ev); err != nil {
			t.Fatal(err)
		}
	}
	if t.Failed() {
		var b strings.Builder
		for _, ev := range events {
			fmt.Fprintf(&b, "%d %s %s obj %d peer %d n %d %s\n", ev.Seq, names[ev.G], ev.Kind, ev.Obj, ev.Peer, ev.N, ev.Text)
		}
		t.Log(b.String())
	}
}
