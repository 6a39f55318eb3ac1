package timeline

// A graph is the wait-for graph of a State: it finds who could end the wait of a goroutine.
type graph struct {
	*State
	rest bool // all goroutines wait, so that nobody else goes on
}

// graph returns the wait-for graph of s.
func (s *State) graph() graph { return graph{s, s.AtRest()} }
