// Package timeline reconstructs the state of every goroutine and every object at any moment of a trace.
//
// A [State] is a pure fold of events by [State.Apply], so everything that displays a trace can be a function of States.
// A [Timeline] stores events and returns the State at any of them; a [Cursor] moves along it.
//
//	tl := timeline.New(rec.Events()...)
//	c := tl.Cursor()
//	c.SeekTime(300 * time.Millisecond)
//	for _, g := range c.State().Goroutines() {
//		fmt.Println(g.Name, c.State().Words().Doing(g.ID))
//	}
//
// A State reports deadlocks ([State.Deadlocks]) and contention ([State.Contention]); [Stats] adds up what waiting costs
// in a whole trace, and warns of common mistakes, such as locks that are taken in both orders. [WriteText],
// [WriteMermaid] and [WritePerfetto] write a trace for people and for other programs.
//
// # Files
//
//   - A trace, and the State at any moment of it: timeline.go, state.go, lookup.go, bounds.go, equal.go.
//   - The parts of a State, which are its goroutines and objects and the positions in the program: records.go,
//     forget.go, positions.go.
//   - What each kind of event does to a State: apply.go, change.go, and apply_*.go by the class of the object.
//   - Words for events: describe.go, phrases.go, phrases_object.go.
//   - Words for states: words.go, words_wait.go, words_blame.go, chain_text.go.
//   - The wait-for graph: graph.go, ends.go, chain.go, deadlock.go.
//   - What waiting costs, in which order locks are taken, and what that warns of: contention.go, stats.go, warnings.go.
//   - Two traces compared: diff.go.
//   - Other formats: text.go, mermaid.go, perfetto.go.
package timeline
