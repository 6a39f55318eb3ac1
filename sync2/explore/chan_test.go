package explore

import "github.com/turnstile-go/turnstile/sync2"

var standstillsOfChan = []standstill{
	{"Chan, nobody sends", func(e *E) {
		c := NewChan[int](e, "c", 0)
		c.Recv()
	}, "main waits in Recv c; no goroutine has tried to send to it", ""},
	{"Chan, nobody receives", func(e *E) {
		c := NewChan[int](e, "c", 1)
		c.Send(1)
		c.Send(2)
	}, "main waits in Send c; no goroutine has tried to receive from it", ""},
	{"Chan, nobody else sends", func(e *E) {
		c := NewChan[int](e, "c", 1)
		c.Send(1)
		c.Recv()
		c.Recv()
	}, "main waits in Recv c; no other goroutine has tried to send to it", ""},
	{"Chan, its senders have ended", func(e *E) {
		c := NewChan[int](e, "c", 4)
		e.Go("ann", func() { c.Send(1); c.Send(2) })
		e.Go("ben", func() { Select(e, c.SendCase(3)) })
		e.Join()
		for range 4 {
			c.Recv()
		}
	}, "main waits in Recv c; every goroutine that tried to send to it has ended: ann and ben", ""},
	{"Chan, its receivers have ended", func(e *E) {
		c := NewChan[int](e, "c", 0)
		e.Go("ann", func() { c.Recv() })
		e.Go("ben", func() { TrySelect(e, c.RecvCase(nil, nil)) })
		c.Send(1)
		e.Join()
		c.Send(2)
	}, "main waits in Send c; every goroutine that tried to receive from it has ended: ann and ben", ""},
	{"Chan, a sender is left", func(e *E) {
		c := NewChan[int](e, "c", 1)
		var ev sync2.Event
		e.Go("ann", func() { c.Send(1); ev.Wait() })
		c.Recv()
		c.Recv()
	}, "main waits in Recv c / ann waits in Wait event-1; no goroutine has set it", ""},
	{"Chan, one is left that would send", func(e *E) {
		c, d := NewChan[int](e, "c", 0), NewChan[int](e, "d", 0)
		e.Go("ann", func() { Select(e, c.SendCase(1), d.RecvCase(nil, nil)); d.Recv() })
		d.Send(1)
		c.Recv()
	}, "main waits in Recv c / ann waits in Recv d", ""},
}
