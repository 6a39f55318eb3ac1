// Package timeline turns the events of a trace into States: what every goroutine and every object was doing at each
// moment, forwards and back.
//
// A [State] is the fold of events by [State.Apply] and of nothing else, so that everything that shows a trace can be a
// function of States. A [Timeline] keeps events and gives the State at any of them; a [Cursor] walks along it.
//
//	tl := timeline.New(rec.Events()...)
//	c := tl.Cursor()
//	c.SeekTime(300 * time.Millisecond)
//	for _, g := range c.State().Goroutines() {
//		fmt.Println(g.Name, c.State().Says(g.ID))
//	}
//
// What can be read off a State: who waits in a cycle ([State.Deadlocks]), where the waiting is ([State.Contention]);
// and off all events, in which order locks are taken ([LockOrders]). [WriteText], [WriteMermaid] and [WritePerfetto]
// write a trace for people and for other programs.
package timeline
