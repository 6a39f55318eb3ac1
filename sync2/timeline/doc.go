// Package timeline reconstructs the state of every goroutine and every object at any moment of a trace.
//
// A [State] is a pure fold of events by [State.Apply], so everything that displays a trace can be a function of States.
// A [Timeline] stores events and returns the State at any of them; a [Cursor] moves along it.
//
//	tl := timeline.New(rec.Events()...)
//	c := tl.Cursor()
//	c.SeekTime(300 * time.Millisecond)
//	for _, g := range c.State().Goroutines() {
//		fmt.Println(g.Name, c.State().Says(g.ID))
//	}
//
// A State reports deadlocks ([State.Deadlocks]) and contention ([State.Contention]); [LockOrders] finds the orders in
// which locks are taken in a whole trace. [WriteText], [WriteMermaid] and [WritePerfetto] write a trace for people and
// for other programs.
package timeline
