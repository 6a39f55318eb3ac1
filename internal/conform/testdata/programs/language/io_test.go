package language

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"log"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"programs/want"
)

func TestIOPipe(t *testing.T) {
	r, w := io.Pipe()
	go func() {
		_, _ = io.WriteString(w, "hello ")
		_, _ = io.WriteString(w, "world")
		w.Close()
	}()
	b, err := io.ReadAll(r)
	want.Outcome(t, want.Text(string(b), err), "hello world <nil>")
}

func TestIOPipeCloseWithError(t *testing.T) {
	r, w := io.Pipe()
	got := make(chan error)
	go func() {
		_, err := w.Write([]byte("x"))
		got <- err
	}()
	r.CloseWithError(errWhy)
	want.Outcome(t, want.Text(<-got), "why")
}

func TestIOPipeScanner(t *testing.T) {
	r, w := io.Pipe()
	go func() {
		b := bufio.NewWriter(w)
		for _, s := range []string{"a\n", "b\n"} {
			_, _ = b.WriteString(s)
		}
		b.Flush()
		w.Close()
	}()
	lines := ""
	for s := bufio.NewScanner(r); s.Scan(); {
		lines += s.Text()
	}
	want.Outcome(t, lines, "ab")
}

func TestNetPipe(t *testing.T) {
	a, b := net.Pipe()
	go func() {
		defer b.Close()
		_, _ = io.Copy(b, io.LimitReader(b, 4))
	}()
	_, _ = a.Write([]byte("ping"))
	buf := make([]byte, 4)
	_, err := io.ReadFull(a, buf)
	a.Close()
	want.Outcome(t, want.Text(string(buf), err), "ping <nil>")
}

func TestNetPipeDeadline(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	_ = a.SetReadDeadline(time.Now().Add(tick))
	_, err := a.Read(make([]byte, 1))
	var timeout net.Error
	want.Outcome(t, want.Text(errors.As(err, &timeout) && timeout.Timeout()), "true")
}

func TestNetPipeClose(t *testing.T) {
	a, b := net.Pipe()
	got := make(chan error)
	go func() {
		_, err := a.Read(make([]byte, 1))
		got <- err
	}()
	b.Close()
	want.Outcome(t, want.Text(<-got), "EOF")
}

func TestLogger(t *testing.T) {
	var buf bytes.Buffer
	l := log.New(&buf, "", 0)
	both(func() { l.Print("x") }, func() { l.Print("x") })
	want.Outcome(t, strings.ReplaceAll(buf.String(), "\n", ""), "xx")
}

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func TestIterPull(t *testing.T) {
	next, stop := iter.Pull(count(3))
	a, ok1 := next()
	b, ok2 := next()
	stop()
	_, ok3 := next()
	want.Outcome(t, want.Text(a, ok1, b, ok2, ok3), "0 true 1 true false")
}

func TestIterPullToTheEnd(t *testing.T) {
	next, stop := iter.Pull2(func(yield func(int, string) bool) { _ = yield(1, "a") && yield(2, "b") })
	defer stop()
	got := ""
	for {
		k, v, ok := next()
		if !ok {
			break
		}
		got += want.Text(k, v)
	}
	want.Outcome(t, got, "1 a2 b")
}

func TestIterPullPanics(t *testing.T) {
	next, stop := iter.Pull(func(yield func(int) bool) { panic("inside") })
	defer stop()
	want.Outcome(t, want.Panic(func() { next() }), "inside")
}

func TestIterPullOperations(t *testing.T) { // the sequence locks and receives
	var mu sync.Mutex
	c := make(chan int)
	go func() {
		for i := range 2 {
			c <- i
		}
		close(c)
	}()
	next, stop := iter.Pull(func(yield func(int) bool) {
		for v := range c {
			mu.Lock()
			v += 10
			mu.Unlock()
			if !yield(v) {
				return
			}
		}
	})
	defer stop()
	sum := 0
	for v, ok := next(); ok; v, ok = next() {
		sum += v
	}
	want.Outcome(t, want.Text(sum), "21")
}

func TestIterPullInTwoGoroutines(t *testing.T) {
	next, stop := iter.Pull(count(2))
	defer stop()
	var mu sync.Mutex
	sum := 0
	f := func() {
		mu.Lock()
		defer mu.Unlock()
		v, _ := next()
		sum += 1 + v
	}
	both(f, f)
	want.Outcome(t, want.Text(sum), "3")
}

// A group is like that of errgroup.
type group struct {
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
	sem    chan struct{}
	once   sync.Once
	err    error
}

func (g *group) run(f func() error) {
	if g.sem != nil {
		g.sem <- struct{}{}
	}
	g.wg.Add(1)
	go func() {
		defer func() {
			if g.sem != nil {
				<-g.sem
			}
			g.wg.Done()
		}()
		if err := f(); err != nil {
			g.once.Do(func() {
				g.err = err
				g.cancel(err)
			})
		}
	}()
}

func (g *group) wait() error {
	g.wg.Wait()
	g.cancel(g.err)
	return g.err
}

func TestGroupFirstError(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	g := &group{cancel: cancel}
	g.run(func() error { return errWhy })
	g.run(func() error {
		<-ctx.Done()
		return ctx.Err()
	})
	want.Outcome(t, want.Text(g.wait(), context.Cause(ctx)), "why why")
}

func TestGroupLimit(t *testing.T) {
	_, cancel := context.WithCancelCause(t.Context())
	g := &group{cancel: cancel, sem: make(chan struct{}, 1)}
	n := 0 // guarded by the limit
	for range 3 {
		g.run(func() error { n++; return nil })
	}
	want.Outcome(t, want.Text(g.wait(), n), "<nil> 3")
}

func TestSingleFlight(t *testing.T) {
	type call struct {
		wg sync.WaitGroup
		v  int
	}
	var mu sync.Mutex
	calls := map[string]*call{}
	n := 0
	do := func(key string) int {
		mu.Lock()
		if c, ok := calls[key]; ok {
			mu.Unlock()
			c.wg.Wait()
			return c.v
		}
		c := new(call)
		c.wg.Add(1)
		calls[key] = c
		mu.Unlock()
		n++
		c.v = n
		c.wg.Done()
		return c.v
	}
	var a, b int
	both(func() { a = do("k") }, func() { b = do("k") })
	want.Outcome(t, want.Text(a, b, n), "1 1 1")
}
