package tui

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// endless is a session that ends only when it is stopped.
type endless struct {
	started chan struct{}
	done    chan struct{}
}

func (s *endless) Drain(buf []trace.Event) []trace.Event { return buf }

func (s *endless) Done() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

func (s *endless) Err() error { return nil }

func (s *endless) Stop() {
	select {
	case <-s.done:
	default:
		close(s.done)
	}
}

// runWith runs the real program on pipes until it ends by itself or ctx ends.
func runWith(t *testing.T, ctx context.Context, cfg Config, input func(w io.Writer)) (string, error) {
	t.Helper()
	in, w := io.Pipe()
	var out bytes.Buffer
	cfg.Input, cfg.Output, cfg.Background = in, &out, BackgroundDark
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, cfg) }()
	go input(w)
	select {
	case err := <-ended:
		_ = w.Close()
		return out.String(), err
	case <-time.After(2 * time.Minute):
		t.Fatal("the program does not end")
		return "", nil
	}
}

func newEndless() (*endless, Config) {
	s := &endless{started: make(chan struct{}), done: make(chan struct{})}
	return s, Config{Run: "endless", Start: func(string, map[string]string) (Session, error) {
		close(s.started)
		return s, nil
	}}
}

func TestRunQuit(t *testing.T) {
	for _, key := range []string{"q", "\x03"} {
		s, cfg := newEndless()
		out, err := runWith(t, t.Context(), cfg, func(w io.Writer) {
			<-s.started
			_, _ = io.WriteString(w, key)
		})
		if err != nil {
			t.Errorf("key %q: %v", key, err)
		}
		if !s.Done() {
			t.Errorf("key %q: the session still runs", key)
		}
		if !strings.HasSuffix(strings.TrimRight(out, "\r\n"), "\x1b[?1049l") && !strings.Contains(out, "\x1b[?1049l") {
			t.Errorf("key %q: the alternate screen was not left", key)
		}
	}
}

func TestRunContext(t *testing.T) {
	s, cfg := newEndless()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := runWith(t, ctx, cfg, func(io.Writer) {
		<-s.started
		cancel()
	})
	if err != nil {
		t.Error(err)
	}
	if !s.Done() {
		t.Error("the session still runs")
	}
}

func TestRunNothing(t *testing.T) {
	if err := Run(t.Context(), Config{}); err == nil {
		t.Error("Run with nothing to show returns nil")
	}
}
