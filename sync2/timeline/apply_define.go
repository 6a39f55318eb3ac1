package timeline

import (
	"time"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

func (s *State) defineG(ev *trace.Event) {
	if ev.G == 0 {
		return
	}
	g := s.goroutine(ev.G)
	g.Name = safetext.Cut(ev.Text, maxName)
	if ev.Peer != 0 {
		g.Parent = ev.Peer
	}
}

func (s *State) rename(ev *trace.Event) {
	o := s.object(ev.Obj)
	s.was, o.Name = o.Name, safetext.Cut(ev.Text, maxName)
}

func (s *State) defineObj(ev *trace.Event) {
	if ev.Obj == 0 {
		return
	}
	o := s.object(ev.Obj)
	o.Class, o.Name, o.Parent, o.Inner = ev.Class, safetext.Cut(ev.Text, maxName), trace.ID(ev.Peer), ev.Inner
	n := max(0, ev.N)
	switch ev.Class {
	case trace.ClassEvent:
		o.IsSet = n > 0
	case trace.ClassBarrier:
		o.Parties = count(n)
	case trace.ClassSemaphore:
		o.Permits, o.Size, o.Signals = n, n, n == 0
	case trace.ClassMutex, trace.ClassReentrantLock:
		if n > 0 && len(o.Holders) == 0 {
			o.Depth = n
			o.Holders = []Hold{{Obj: o.ID, N: n, Since: s.now}}
		}
	case trace.ClassQueue, trace.ClassStack, trace.ClassPriorityQueue, trace.ClassChan:
		o.Capacity = count(n)
	case trace.ClassRWMutex:
		if n > 0 && len(o.Holders) == 0 {
			o.Depth = 1
			o.Holders = []Hold{{Obj: o.ID, N: 1, Since: s.now}}
		}
		if n > 1 {
			o.Depth = 0
			o.Holders[0].N, o.Holders[0].Read = n-1, true
		}
	case trace.ClassWaitGroup:
		o.Count = count(n)
	case trace.ClassOnce:
		o.IsSet = n == 1
	case trace.ClassTimer:
		o.IsSet, o.Deadline = n > 0, time.Duration(n)
	case trace.ClassExecutor:
		o.Workers = count(n)
	case trace.ClassFuture:
		p := Progress(n)
		if p < ProgressPending || p > ProgressCanceled {
			p = ProgressPending
		}
		if p != o.Progress { // otherwise a goroutine has come back to it
			o.Progress, o.Since = p, s.now
		}
	case trace.ClassGroup:
		o.Watches = count(n)
	case trace.ClassGoroutine:
		o.Of = ev.N
	case trace.ClassWatch:
		o.Count = count(n)
	case trace.ClassTaskGroup:
		o.Limit = count(n)
	case trace.ClassNone, trace.ClassLocal, trace.ClassCond, trace.ClassVar, trace.ClassOther,
		trace.ClassNilChan, trace.ClassSelect, trace.ClassClock, trace.ClassAtomic, trace.ClassKeyedMutex, trace.ClassFlight:
	}
}
