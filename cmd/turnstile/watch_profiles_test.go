package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A service is polled at the requested rate, and shown as a table without a terminal, and as a run in the player.
func TestWatchURL(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	server := httptest.NewServer(mux)
	defer server.Close()
	stop := make(chan struct{})
	defer close(stop)
	for range 3 {
		go func() { <-stop }()
	}
	r := in{}.do(t, "watch --looks 2 --every 100ms "+server.URL)
	if r.code != exit.OK || strings.Count(r.out, "chan receive at watch_profiles_test.go:") != 2 || !strings.Contains(r.errs, "but not for which object") {
		t.Errorf("%+v", r)
	}
	r = in{terminal: true}.do(t, "watch "+server.URL+"/debug/pprof/")
	if r.code != exit.OK || r.ui == nil || r.ui.Watch == nil || r.ui.Title != server.URL+"/debug/pprof/goroutine?debug=2" {
		t.Fatalf("%+v", r)
	}
	run, err := r.ui.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer run.Stop()
	waits := 0
	for waits < 3 {
		for _, ev := range run.Drain(nil) {
			if ev.Kind == trace.KindBlock && ev.Text == "chan receive" {
				waits++
			}
		}
		if run.Done() {
			t.Fatal(run.Err())
		}
	}
	for line, want := range map[string]string{
		"watch http://":                           "names no host",
		"watch --every 1ms " + server.URL:         "--every 1ms: must be at least 100ms",
		"watch --looks -1 " + server.URL:          "--looks -1: must be 0 or more",
		"watch --every 1s file":                   "--every and --looks are for a URL",
		"watch --format text http://127.0.0.1:1/": "nobody answers there",
		"watch " + server.URL + "/elsewhere":      "404 Not Found",
	} {
		if r := (in{}).do(t, line); r.code == exit.OK || !strings.Contains(r.errs, want) || strings.Count(r.errs, "\n") > 2 {
			t.Errorf("%s: %+v", line, r)
		}
	}
}

// A trace from a pipe is printed as it arrives, and shown like a running program.
func TestPlayStream(t *testing.T) {
	lines := strings.SplitAfter(in{}.do(t, "run counter --pace 0 --format json").out, "\n")
	from, to := io.Pipe()
	seen := make(chan struct{})
	go func() {
		for i, line := range lines {
			if i == len(lines)/2 { // what was printed of the first half is not waited for in vain
				<-seen
			}
			if _, err := io.WriteString(to, line); err != nil {
				return
			}
		}
		to.Close()
	}()
	told := false
	r := in{stream: from, printed: func(out string) {
		if !told && strings.Contains(out, "worker-1") {
			told = true
			close(seen)
		}
	}}.do(t, "play -")
	if r.code != exit.OK || !strings.Contains(r.out, "the trace ends") {
		t.Errorf("%+v", r)
	}

	r = in{terminal: true, stdin: strings.Join(lines, "")}.do(t, "play -")
	if r.code != exit.OK || r.ui == nil || r.ui.Watch == nil || r.ui.Title != "the standard input" {
		t.Fatalf("%+v", r)
	}
	r = in{stdin: strings.Join(lines[:5], "") + "{torn"}.do(t, "play -")
	if r.code != exit.OK || !strings.Contains(r.errs, "incomplete") {
		t.Errorf("torn: %+v", r)
	}
	if r := (in{stdin: "hello\n"}).do(t, "play -"); r.code != exit.Trouble || !strings.Contains(r.errs, "not a turnstile trace") {
		t.Errorf("no trace: %+v", r)
	}
}
