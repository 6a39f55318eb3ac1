package sandbox

import (
	"errors"
	"strings"
	"testing"
)

// perform does the lines of a script, and returns what was said.
func perform(t *testing.T, script string) string {
	t.Helper()
	s := New(true)
	defer func() {
		if left := s.Close(); len(left) > 0 {
			t.Errorf("at the end: %q", left)
		}
	}()
	return do(t, s, script)
}

func do(t *testing.T, s *Session, script string) string {
	t.Helper()
	var b strings.Builder
	for text := range strings.Lines(script) {
		lines, err := s.Do(text)
		for _, l := range lines {
			b.WriteString(l.String() + "\n")
		}
		if err != nil {
			b.WriteString("error: " + err.Error() + "\n")
			if failed := new(FailedError); errors.As(err, &failed) {
				t.Error(err)
			}
		}
	}
	return b.String()
}

func TestSemaphore(t *testing.T) {
	got := perform(t, `
		pool := NewSemaphore(1)
		go ann ben
		ann: pool.Acquire()
		ben: pool.Acquire()
		expect ben waits
		expect pool.Waiting() is 1
		ann: pool.Release()
		expect ben ready
		ann: pool.AcquireTimeout(1ms)
		await ann
		expect ann returned false
		ann: pool.AcquireContext()
		cancel ann "no more"
		ben: pool.ReleaseN(-1)
		expect ben panicked sync2: Semaphore.ReleaseN: -1 permits; must not be negative
	`)
	t.Log(got)
}
