//go:build !race

package waitq

// An order is empty: it is only for the race detector.
type order struct{}

func (*order) before() {}
func (*order) after()  {}
