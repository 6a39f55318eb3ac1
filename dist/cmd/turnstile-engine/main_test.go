package main

import (
	"bufio"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/dist"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// An engine is started, used and watched, and ends when it is interrupted.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begin := func(args ...string) (*bufio.Reader, chan error) {
		r, w := io.Pipe()
		ended := make(chan error, 1)
		go func() {
			err := run(ctx, args, w, io.Discard)
			_ = w.CloseWithError(io.EOF)
			ended <- err
		}()
		return bufio.NewReader(r), ended
	}
	out, engine := begin("-dir", t.TempDir(), "-listen", "127.0.0.1:0")
	url, err := out.ReadString('\n')
	if err != nil {
		t.Fatal(err, <-engine)
	}
	url = strings.TrimSpace(url)
	s, err := dist.Open(ctx, dist.WithURL(url), dist.WithName("dryer"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Event("ready").Set(); err != nil {
		t.Fatal(err)
	}
	out, watch := begin("-watch", url)
	if line, err := out.ReadString('\n'); err != nil || line != "event ready: set (by dryer)\n" {
		t.Errorf("it shows %q, %v", line, err)
	}
	traced, record := begin("-watch", url, "-format", "trace")
	events, err := tracefile.NewReader(traced)
	if err != nil {
		t.Fatal(err)
	}
	for ev, err := range events.All() {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Kind == trace.KindSet { // which was before
			break
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	cancel()
	if _, err := io.Copy(io.Discard, traced); err != nil {
		t.Error(err)
	}
	if err := <-record; err != nil {
		t.Error(err)
	}
	if err := <-watch; err != nil {
		t.Error(err)
	}
	if err := <-engine; err != nil {
		t.Error(err)
	}
}

func TestRunMisuse(t *testing.T) {
	for _, args := range []string{"extra", "-node a", "-listen nowhere", "-listen=", "-no-such-flag", "-watch nats://x -format json", "-scenario no-such"} {
		if err := run(t.Context(), strings.Fields(args), io.Discard, io.Discard); err == nil {
			t.Errorf("%s: no error", args)
		}
	}
}
