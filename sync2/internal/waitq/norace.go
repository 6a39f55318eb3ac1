//go:build !race

package waitq

// An order is nothing: only the race detector has to be told.
type order struct{}

func (*order) before() {}
func (*order) after()  {}
