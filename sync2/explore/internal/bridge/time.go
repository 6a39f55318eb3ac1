//go:build turnstile_goroot

package bridge

import (
	"time"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// epoch is when each run begins: 2026-03-11 10:24:37.25 UTC, an arbitrary moment at which nothing usually happens.
const epoch = int64(1773224677)*int64(time.Second) + int64(time.Second)/4

// now is the time of the run. It advances by a nanosecond with each look, and by more if there were many without a step
// in between: a loop may wait for nothing else. The time of a bubble stands still as long as anything happens there.
//
//go:norace
func now(thread unsafe.Pointer) int64 {
	t := taskOf(thread)
	if t.Bubble != nil {
		return clock(t)
	}
	x := t.Exec
	run.of(x)
	if n := len(x.Steps); n != run.lookedAt {
		run.looks, run.lookedAt = 0, n
	}
	run.looks++
	switch {
	case run.looks < 1_000:
		x.Now++
	case run.looks < 1_000_000:
		x.Now += 100
	default:
		x.Now += 10_000
	}
	t.LooksAtClock()
	return clock(t)
}

// clock is the time for t.
//
//go:norace
func clock(t *engine.Task) int64 {
	if b := t.Bubble; b != nil {
		return bubbleEpoch + int64(b.Now)
	}
	return epoch + int64(t.Exec.Now)
}

//go:norace
func sleep(thread unsafe.Pointer, ns int64) {
	t := taskOf(thread)
	if ns <= 0 {
		t.Do(nil, "Sleep", 0)
		return
	}
	told := tells(t)
	if told {
		tale.sleeps(t, time.Duration(ns))
	}
	t.Durable = true
	t.Sink()
	t.Wait(nil, "Sleep", time.Duration(ns), true)
	if told {
		tale.wakes(t)
	}
}

// A timer is a time.Timer or time.Ticker. It is a task of its own from its start until it has fired or is
// stopped.
type timer struct {
	when, period int64
	f            func(arg any, seq uintptr, delay int64)
	arg          any
	c            unsafe.Pointer
	active       bool
	task         *engine.Task
	p            unsafe.Pointer
	next         *timer
	obj          trace.Object
}

//go:norace
func (s *state) timer(x *engine.Execution, p unsafe.Pointer) *timer {
	s.of(x)
	t := s.timers
	for t != nil && t.p != p {
		t = t.next
	}
	return t
}

//go:norace
func newTimer(thread, p unsafe.Pointer, when, period int64, f func(arg any, seq uintptr, delay int64), arg any, c unsafe.Pointer) {
	t := taskOf(thread)
	run.of(t.Exec)
	tm := &timer{when: when, period: period, f: f, arg: arg, c: c, p: p, next: run.timers}
	run.timers = tm
	tm.start(t)
}

//go:norace
func (tm *timer) start(t *engine.Task) {
	tm.active = true
	if tells(t) {
		tale.timer(t, tm, trace.KindSet, tm.when)
	}
	t.DescribeChild(tm.run, engine.TaskDaemon)
	t.Request(engine.RequestSpawn, nil, names.timer.next(t.Exec))
	tm.task = t.Child
}

// run is the timer's task.
//
//go:norace
func (tm *timer) run() {
	rtEnter()
	t := engine.Current()
	t.Plain.Sends = tm.c
	if tm.period > 0 {
		t.Plain.Ticks = tm.c
	}
	for {
		t.Sink()
		if t.Wait(nil, "timer", time.Duration(tm.when-clock(t)), true) || tm.task != t {
			break // it was stopped, perhaps at the moment at which it would have fired
		}
		tm.active = tm.period > 0
		if late := clock(t) - tm.when; tm.period > 0 && late >= tm.period {
			tm.when += late / tm.period * tm.period // as the runtime does
		}
		tm.when += tm.period
		if tells(t) {
			next := tm.when
			if tm.period == 0 {
				next = 0
			}
			tale.timer(t, tm, trace.KindFire, next)
		}
		rtMode(asProgram)
		tm.f(tm.arg, 0, 0)
		rtEnter()
		if tm.period == 0 || tm.task != t {
			break
		}
	}
	rtMode(asProgram)
}

//go:norace
func (tm *timer) stop(by *engine.Task) bool {
	was := tm.active
	if was && tells(by) {
		tale.timer(by, tm, trace.KindClear, 0)
	}
	tm.active = false
	if t := tm.task; t != nil {
		tm.task = nil
		if was && t.Status == engine.StatusParked {
			t.Release()
		}
	}
	if tm.c != nil && rtDrain(tm.c) {
		was = true // nobody has seen it fire
	}
	return was
}

//go:norace
func stopTimer(thread, p unsafe.Pointer) (was, known bool) {
	t := taskOf(thread)
	tm := run.timer(t.Exec, p)
	if tm == nil {
		return false, false
	}
	return tm.stop(t), true
}

//go:norace
func resetTimer(thread, p unsafe.Pointer, when, period int64) (was, known bool) {
	t := taskOf(thread)
	tm := run.timer(t.Exec, p)
	if tm == nil {
		return false, false
	}
	was = tm.stop(t)
	tm.when, tm.period = when, period
	tm.start(t)
	return was, true
}

// Pause is an operation of the calling task that does nothing.
func Pause() {
	m := rtEnter()
	engine.Current().Point(nil, "return", 0)
	rtMode(m)
}

// random returns a random number. Before the first one in a run that the program itself asks for, the explorer
// chooses which of a few sequences the numbers come from.
//
//go:norace
func random(thread unsafe.Pointer, choose bool) uint64 {
	t := taskOf(thread)
	run.of(t.Exec)
	if choose && !run.salted {
		run.salted = true
		t.NewCondition().Alts = 7
		t.Request(engine.RequestPoint, nil, "choose random numbers")
		run.salt = uint64(t.Alt)
		t.Exec.Claims.Random |= 1 << run.salt
	}
	t.Plain.Dice++
	z := uint64(t.ID)<<32 + t.Plain.Dice
	if choose {
		z += run.salt << 56
	}
	return mix(z)
}

func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
