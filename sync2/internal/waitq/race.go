//go:build race

package waitq

import "sync/atomic"

// An order tells the race detector of an order that sync.Cond establishes without it: what came before a before comes
// before what follows the after of one that it has woken. Without the race detector it is nothing.
type order struct{ n atomic.Uint64 }

// before must not be a Store: if two wake at once, the one may wake whom the other has granted.
func (o *order) before() { o.n.Add(1) }
func (o *order) after()  { o.n.Load() }
