// Package timeline reconstructs the state of every goroutine and every object at any moment of a trace.
//
// A [State] is a pure fold of events by [State.Apply], so everything that displays a trace can be a function of States.
// A [Timeline] stores events and returns the State at any of them; a [Cursor] moves along it.
//
//	tl := timeline.New(rec.Events()...)
//	c := tl.Cursor()
//	c.SeekTime(300 * time.Millisecond)
//	for _, g := range c.State().Goroutines() {
//		fmt.Println(g.Name, c.State().Words().Says(g.ID))
//	}
//
// A State reports deadlocks ([State.Deadlocks]) and contention ([State.Contention]); [LockOrders] finds the orders in
// which locks are taken in a whole trace. [WriteText], [WriteMermaid] and [WritePerfetto] write a trace for people and
// for other programs.
//
// # Files
//
//   - A trace, and the State at any moment of it: timeline.go, state.go, lookup.go, bounds.go, equal.go.
//   - The parts of a State, which are its goroutines and objects and the positions in the program: records.go,
//     forget.go, positions.go.
//   - What each kind of event does to a State: change.go, apply*.go.
//   - Words for events and states: words.go, phrases.go, describe.go, chain_text.go.
//   - Who waits for whom: graph.go, chain.go, deadlock.go, warnings.go.
//   - What waiting costs, and in which order locks are taken: contention.go, stats.go.
//   - Two traces compared: diff.go.
//   - Other formats: text.go, mermaid.go, perfetto.go.
package timeline
