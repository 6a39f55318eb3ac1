package language

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"

	"programs/want"
)

// What these wait for is outside of the process, or is in the runtime.

func TestOutsideOSPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = w.WriteString("text")
		w.Close()
	}()
	b, err := io.ReadAll(r)
	r.Close()
	want.Outcome(t, want.Text(string(b), err), "text <nil>")
}

func TestOutsideCommand(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), exe, "-test.run=^TestChanDirections$", "-test.count=1")
	c.Env = append(os.Environ(), "TURNSTILE_TEST=")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Log(string(out))
	}
	want.Outcome(t, want.Text(string(out[:4]), err), "PASS <nil>")
}

func TestOutsideTCP(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.Copy(c, c)
		c.Close()
	})
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, "echo")
	_ = c.(*net.TCPConn).CloseWrite()
	b, err := io.ReadAll(c)
	c.Close()
	l.Close()
	wg.Wait()
	want.Outcome(t, want.Text(string(b), err), "echo <nil>")
}

func TestOutsideHTTP(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "served")
	}))
	defer s.Close()
	r, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r.Body)
	r.Body.Close()
	want.Outcome(t, want.Text(string(b), err), "served <nil>")
}

func TestOutsideSignal(t *testing.T) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	defer signal.Stop(c)
	p, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Signal(syscall.SIGHUP); err != nil {
		t.Skip(err)
	}
	got := ""
	select {
	case s := <-c:
		got = s.String()
	case <-time.After(10 * time.Second):
		got = "nothing"
	}
	want.Outcome(t, got, "hangup")
}

func TestOutsideReadDeadline(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	defer r.Close()
	if err := r.SetReadDeadline(time.Now().Add(tick)); err != nil {
		t.Skip(err)
	}
	_, err = r.Read(make([]byte, 1))
	want.Outcome(t, want.Text(os.IsTimeout(err)), "true")
}
