//go:build race

package waitq

import "sync/atomic"

// An order tells the race detector about an order that sync.Cond establishes without its knowledge: what precedes a
// before happens before what follows the after of a goroutine woken by it. Without the race detector it is empty.
type order struct{ n atomic.Uint64 }

// before must not be a Store: if two goroutines wake others at once, one may wake a goroutine that the other has granted.
func (o *order) before() { o.n.Add(1) }
func (o *order) after()  { o.n.Load() }
