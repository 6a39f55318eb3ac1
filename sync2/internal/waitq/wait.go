package waitq

import "fmt"

// An Owner is the primitive to which a place belongs.
type Owner = fmt.Stringer

// A Wait is one waiting goroutine.
type Wait struct {
	Owner    Owner
	Verb     string
	G        int64  // the goroutine; 0: not known
	Tag      uint64 // of the Waiter
	Position int    // from 1; 0: all are released at once
}
