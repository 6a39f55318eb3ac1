package sandbox

import "runtime"

// dump returns the stacks of all goroutines as text.
func (s *Session) dump() []byte {
	if s.buf == nil {
		s.buf = make([]byte, 1<<16)
	}
	for {
		n := runtime.Stack(s.buf, true)
		if n < len(s.buf) {
			return s.buf[:n]
		}
		s.buf = make([]byte, 2*len(s.buf))
	}
}
