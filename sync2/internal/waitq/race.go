//go:build race

package waitq

// raced says that the race detector is there. It has to be told of an order that sync.Cond establishes without it.
const raced = true
