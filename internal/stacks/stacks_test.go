package stacks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/turnstile-go/turnstile/internal/feed"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"))
}

// profile returns a profile of main and n workers that wait for a channel, the first for the given number of minutes.
func profile(n int, first string) string {
	var b strings.Builder
	b.WriteString("goroutine 1 [running]:\nmain.main()\n\t/home/me/app/main.go:10 +0x1d\n\n")
	for i := range n {
		state := "chan receive"
		if i == 0 {
			state += first
		}
		fmt.Fprintf(&b, "goroutine %d [%s]:\nexample.org/app/pool.(*Pool).loop(0xc0001, {0x1, 0x2})\n\t/home/me/app/pool/pool.go:42 +0x2f\ncreated by example.org/app/pool.New in goroutine 1\n\t/home/me/app/pool/pool.go:20 +0x11\n\n", 10+i, state)
	}
	return b.String()
}

func TestParse(t *testing.T) {
	all, err := Parse(strings.NewReader(profile(2, ", 5 minutes, locked to thread")))
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	g := all[1]
	if g.ID != 10 || g.State != "chan receive" || g.Waited != 5*time.Minute || g.Parent != 1 || g.Runs() || !all[0].Runs() ||
		len(g.Stack) != 1 || g.Stack[0] != (Frame{"example.org/app/pool.(*Pool).loop", "/home/me/app/pool/pool.go", 42}) ||
		g.Origin != (Frame{"example.org/app/pool.New", "/home/me/app/pool/pool.go", 20}) {
		t.Errorf("%+v", g)
	}
	for _, text := range []string{"", "<html>", "goroutine profile: total 5\n", "goroutine x [running]:\n", "goroutine 1 running:\n", "\x00\x01", strings.Repeat("x", 2*maxLine)} {
		if all, err := Parse(strings.NewReader(text)); !errors.Is(err, errNoProfile) {
			t.Errorf("%.20q: %v, %v", text, all, err)
		}
	}
}

// The program's own code is distinguished from the standard library's by the directory of the latter.
func TestWhere(t *testing.T) {
	const text = `goroutine 7 [IO wait]:
internal/poll.runtime_pollWait(0x7f)
	/opt/go/src/runtime/netpoll.go:351 +0x85
net/http.(*conn).serve(0xc0001)
	/opt/go/src/net/http/server.go:55 +0x2f
app/web.run()
	/home/me/app/web/web.go:9 +0x2f

goroutine 8 [sleep]:
time.Sleep(0x1)
	/opt/go/src/runtime/time.go:1 +0x85
`
	all, err := Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	std := findStandard(all)
	if f := std.where(&all[0]); f.Place() != "web.go:9" || f.Short() != "web.run" {
		t.Error(f)
	}
	if f := std.where(&all[1]); f.Place() != "time.go:1" {
		t.Error(f)
	}
}

// The actual runtime and handlers.
func TestService(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	server := httptest.NewServer(mux)
	defer server.Close()
	stop := make(chan struct{})
	defer close(stop)
	for range 3 {
		go func() { <-stop }()
	}
	waits := regexp.MustCompile(`\[chan receive\]:\n\S*TestService\.func1`)
	for buf := make([]byte, 1<<20); len(waits.FindAll(buf[:runtime.Stack(buf, true)], -1)) < 3; {
		runtime.Gosched()
	}
	for _, at := range []string{"", "/", "/debug/pprof", "/debug/pprof/", "/debug/pprof/goroutine?debug=1"} {
		s, err := NewService(server.URL + at)
		if err != nil {
			t.Fatal(err)
		}
		defer s.client.CloseIdleConnections()
		l, err := NewWatcher(s, time.Second).Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := l.Write(&b); err != nil || !strings.Contains(b.String(), "  3       =       0  0s          chan receive at stacks_test.go:") {
			t.Errorf("%q: %v\n%s", at, err, b.String())
		}
	}
}

// Errors in a URL or an answer are reported.
func TestBadService(t *testing.T) {
	for text, want := range map[string]string{
		"http://": "names no host", "http://[": "missing ']'", "ftp://x": "http:// or https://",
	} {
		if _, err := NewService(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/html/", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>hello") })
	mux.HandleFunc("/slow/", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/huge/", func(w http.ResponseWriter, _ *http.Request) {
		for text := profile(1000, ""); ; {
			if _, err := io.WriteString(w, text); err != nil {
				return
			}
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	for at, want := range map[string]string{
		"/none": "404 Not Found", "/html": "no goroutine profile of net/http/pprof: it begins with \"<html>hello\"",
		"/slow": "no whole answer within 100ms", "/huge": "more than 1 MB",
	} {
		s, err := NewService(server.URL + at)
		if err != nil {
			t.Fatal(err)
		}
		s.limit = 1 << 20
		if at == "/slow" {
			s.client.Timeout = 100 * time.Millisecond
		}
		defer s.client.CloseIdleConnections()
		if _, err := NewWatcher(s, time.Second).Next(t.Context()); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), at) {
			t.Errorf("%s: %v", at, err)
		}
	}
	s, err := NewService("http://me:secret@127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.fetch(t.Context()); !errors.Is(err, errAway) || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}

// answers is a transport that returns one profile after another.
type answers struct{ texts []string }

func (a *answers) RoundTrip(*http.Request) (*http.Response, error) {
	text := a.texts[0]
	if a.texts = a.texts[1:]; text == "" {
		return nil, io.EOF
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(text))}, nil
}

// The trace of a service is consistent, and a restarted service has another trace.
func TestTale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := NewService("http://service")
		if err != nil {
			t.Fatal(err)
		}
		texts := []string{profile(3, ", 5 minutes")}
		for i := range trend {
			texts = append(texts, profile(10+i, ", 6 minutes"))
		}
		texts = append(texts, profile(2, ", 6 minutes"))
		s.client.Transport = &answers{append(texts, "", "", profile(1, ""), "")}
		w := NewWatcher(s, time.Second)
		var said []string
		var state timeline.State
		for range 2 {
			stream, err := w.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			state = timeline.State{}
			n := 0
			for ev, err := range stream.All() {
				if err != nil {
					t.Fatal(err)
				}
				if err := state.Apply(ev); err != nil {
					t.Error(err)
				}
				if n++; ev.Seq != uint64(n) {
					t.Errorf("event %d has number %d", n, ev.Seq)
				}
				switch ev.Kind {
				case trace.KindLog:
					said = append(said, ev.Text)
				case trace.KindBlock:
					if ev.G == 10 && ev.Time != 0 {
						t.Errorf("goroutine 10 waits since %v", time.Duration(ev.Time))
					}
				case trace.KindExit:
					said = append(said, state.Words().GName(ev.G)+" ends")
				}
			}
			stream.Close()
		}
		text := strings.Join(said, "\n")
		for _, want := range []string{Limits, "(*Pool).loop-12 ends", "more and more: 16, after 3, chan receive at pool.go:42", "nobody answers there"} {
			if !strings.Contains(text, want) {
				t.Errorf("it does not say %q, but\n%s", want, text)
			}
		}
		if g := state.Goroutine(10); g == nil || g.Status != timeline.StatusWaiting || state.Words().ObjName(g.For) != "chan receive at pool.go:42" {
			t.Errorf("at the end goroutine 10 is %+v", g)
		}
	})
}

// A stream can be closed while it waits for the next look.
func TestClose(t *testing.T) {
	s, err := NewService("http://service")
	if err != nil {
		t.Fatal(err)
	}
	s.client.Transport = &answers{[]string{profile(3, "")}}
	f, err := feed.Open(t.Context(), NewWatcher(s, time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	<-f.Ready()
	f.Stop()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := NewWatcher(s, time.Hour).Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Two stacks that end at the same position have different names, and one that never moves is marked.
func TestTable(t *testing.T) {
	s, err := NewService("http://service")
	if err != nil {
		t.Fatal(err)
	}
	text := profile(2, ", 5 minutes")
	deeper := strings.NewReplacer("goroutine 10", "goroutine 20", "goroutine 11", "goroutine 21", "\ncreated", "\nmain.f()\n\t/home/me/app/main.go:5 +0x1\ncreated")
	_, rest, _ := strings.Cut(text, "goroutine 10")
	text += deeper.Replace("goroutine 10" + rest)
	var all []string
	for range trend {
		all = append(all, text)
	}
	s.client.Transport = &answers{all}
	w := NewWatcher(s, time.Second)
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	w.now = func() time.Time { return now }
	var b bytes.Buffer
	for range trend {
		l, err := w.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b.Reset()
		if err := l.Write(&b); err != nil {
			t.Fatal(err)
		}
	}
	const want = `12:00:00  look 8: 5 goroutines at 3 places
   count  change   still  since       where
`
	if got := b.String(); !strings.HasPrefix(got, want) || !strings.Contains(got, "pool.go:42 #2") || !strings.Contains(got, "never moves") {
		t.Errorf("%s", got)
	}
}
