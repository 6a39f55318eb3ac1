package console

import (
	"bytes"
	"sync"
)

// A Tail is a writer that keeps the last 64 kB or more of what is written to it.
type Tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// kept is how many bytes a Tail keeps at least.
const kept = 64 << 10

// Write implements io.Writer.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(p)
	if t.buf.Len() > 2*kept {
		t.buf.Next(t.buf.Len() - kept)
	}
	return len(p), nil
}

// String returns what is kept.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}
