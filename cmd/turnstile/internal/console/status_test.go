package console

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// An output is a buffer that the Status writes to while the test reads it.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func (o *output) Reset() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.b.Reset()
}

// A Status is a line of the terminal, with the time. It makes way for other output, and nothing is left of it at the end.
func TestStatusOnTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b output
		s := NewStatus(&b, &Terminal{Columns: func() int { return 20 }})
		defer s.Stop()
		out := s.Through(&b)
		since := func(d time.Duration) string {
			b.Reset()
			time.Sleep(d) // by the clock of the bubble
			synctest.Wait()
			return b.String()
		}
		s.Begin(Timed("building it"))
		if got := since(statusDelay - time.Millisecond); got != "" {
			t.Errorf("a short operation is shown: %q", got)
		}
		if got := since(statusInterval); got != "\r\x1b[Kbuilding it" {
			t.Errorf("the line is %q", got)
		}
		if got := since(12 * time.Second); !strings.HasSuffix(got, "\r\x1b[Kbuilding it, 12s") {
			t.Errorf("the line ends %q", got)
		}
		b.Reset()
		_, _ = io.WriteString(out, "some ")
		if got := b.String(); got != "\r\x1b[Ksome " {
			t.Errorf("the output is %q", got)
		}
		if got := since(time.Second); got != "" {
			t.Errorf("an incomplete line was overwritten: %q", got)
		}
		_, _ = io.WriteString(out, "output\n")
		if got := since(statusInterval); got != "\r\x1b[Kbuilding it, 13s" {
			t.Errorf("after the output comes %q", got)
		}
		s.End()
		if got := b.String(); !strings.HasSuffix(got, "\r\x1b[K") {
			t.Errorf("it ends with %q", got)
		}
		if got := since(time.Minute); got != "" {
			t.Errorf("without an operation, it shows %q", got)
		}
		s.Begin(func(time.Duration) string { return "a\x1b[2Jvery long description" })
		if got := since(time.Second); !strings.Contains(got, `a\x1b[2Jvery long d`) || strings.Contains(got, "de") {
			t.Errorf("the line is %q", got)
		}
		s.Stop()
		if got := b.String(); !strings.HasSuffix(got, "\r\x1b[K") {
			t.Errorf("it ends with %q", got)
		}
	})
}

// Elsewhere, an operation that takes long is announced once.
func TestStatusElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b output
		s := NewStatus(&b, nil)
		defer s.Stop()
		for range 2 {
			b.Reset()
			s.Begin(Timed("building it"))
			time.Sleep(messageDelay - time.Millisecond) // by the clock of the bubble
			synctest.Wait()
			if b.String() != "" {
				t.Errorf("a short operation is shown: %q", b.String())
			}
			time.Sleep(time.Minute) // likewise
			s.End()
			if got := b.String(); got != "turnstile: building it …\n" {
				t.Errorf("it prints %q", got)
			}
		}
		if s.Through(&b) != io.Writer(&b) {
			t.Error("it stands between the output and its file")
		}
	})
	var none *Status
	none.Begin(nil)
	none.End()
	none.Stop()
}
