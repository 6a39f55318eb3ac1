//go:build unix

package dist

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func init() { children["clock"] = clockChild }

// clockVariable is the environment variable with the path of a clock's file.
const clockVariable = "TURNSTILE_DIST_CLOCK"

// A clock is the wall clock of another process, which jumps when it is set. The monotonic clock does not.
type clock struct{ f *os.File }

func newClock(tb testing.TB) *clock {
	tb.Helper()
	f, err := os.Create(filepath.Join(tb.TempDir(), "clock"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	c := &clock{f}
	c.set(0)
	return c
}

// set sets the clock to the current time plus d.
func (c *clock) set(d time.Duration) {
	var b [8]byte
	binary.NativeEndian.PutUint64(b[:], uint64(d/time.Second))
	if _, err := c.f.WriteAt(b[:], 0); err != nil {
		panic(err)
	}
}

// env gives a process the clock.
func (c *clock) env() string {
	if c == nil {
		return clockVariable + "="
	}
	return clockVariable + "=" + c.f.Name()
}

// jumps are the offsets to which clocks are set.
var jumps = []time.Duration{0, time.Hour, -time.Hour, 5 * time.Minute, -5 * time.Minute, 2 * time.Second, -2 * time.Second}

// buildWithClock builds this program with a package time whose wall clock can be set.
var buildWithClock = sync.OnceValues(func() (exe string, err error) {
	dir, err := os.MkdirTemp("", "turnstile-dist-clock-")
	if err != nil {
		return "", err
	}
	finally = append(finally, func() { _ = os.RemoveAll(dir) })
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", err
	}
	source := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	text, err := os.ReadFile(source)
	if err != nil {
		return "", err
	}
	const now = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
	if !bytes.Contains(text, []byte(now)) {
		return "", fmt.Errorf("%s has no %q", source, now)
	}
	text = bytes.Replace(text, []byte(now), []byte("var TurnstileJump *int64\n\n"+now+"\tif TurnstileJump != nil {\n\t\tsec += *TurnstileJump\n\t}\n"), 1)
	changed := filepath.Join(dir, "time.go")
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{source: changed}})
	exe = filepath.Join(dir, "dist.test")
	if err := errors.Join(err, os.WriteFile(changed, text, 0o600), os.WriteFile(filepath.Join(dir, "overlay"), overlay, 0o600)); err != nil {
		return "", err
	}
	cmd := exec.Command("go", "test", "-c", "-tags", "turnstile_dist_clock", "-overlay", filepath.Join(dir, "overlay"), "-o", exe, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return exe, nil
})

// withClock returns the path of this program with a clock that can be set.
func withClock(tb testing.TB) string {
	tb.Helper()
	exe, err := buildWithClock()
	if err != nil {
		tb.Fatal(err)
	}
	return exe
}

// clockChild prints the time of the wall clock on request.
func clockChild() int {
	var line string
	for {
		if _, err := fmt.Scanln(&line); err != nil {
			return 0
		}
		fmt.Println(time.Now().Unix())
	}
}

// A clock that is set jumps in the process that has it; otherwise these tests would check nothing.
func TestClockIsSet(t *testing.T) {
	t.Parallel()
	c, exe := newClock(t), withClock(t)
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "TURNSTILE_DIST_CHILD=clock", c.env())
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, d := range jumps {
		c.set(d)
		before := time.Now().Unix()
		var line string
		_, _ = fmt.Fprintln(in, "what")
		if _, err := fmt.Fscanln(out, &line); err != nil {
			t.Fatal(err)
		}
		got, _ := strconv.ParseInt(line, 10, 64)
		if after := time.Now().Unix(); got-int64(d/time.Second) < before || got-int64(d/time.Second) > after {
			t.Errorf("set to %v: it is %d between %d and %d", d, got, before, after)
		}
	}
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// jumping returns the address of an engine in a process of its own, which has the clock.
func jumping(t *testing.T, exe string, c *clock) string {
	t.Helper()
	addr := freeAddrs(t, 1)[0]
	n := &node{env: t.TempDir() + " " + addr, exe: exe, clock: c}
	t.Cleanup(n.kill)
	if err := n.start(); err != nil {
		t.Fatal(err)
	}
	return addr
}

// TestClockJumpsMutex is like TestFaultsMutex, while the clocks of the engine and of the processes jump.
func TestClockJumpsMutex(t *testing.T) {
	t.Parallel()
	exe, c := withClock(t), newClock(t)
	p := newProxy(t, jumping(t, exe, c))
	underFaults(t, &trial{proxies: []*proxy{p}, probes: []string{p.url()}, exe: exe, clocks: []*clock{c}})
}

// No item is lost while clocks jump. An item in progress when the engine's clock jumps may be handed out again early or late.
func TestClockJumpsQueue(t *testing.T) {
	t.Parallel()
	exe, c := withClock(t), newClock(t)
	addr := jumping(t, exe, c)
	s := open(t, WithURL("nats://"+addr))

	// The engine checks items in progress when the first is due by a clock that does not jump, and then decides by one that does.
	const within = 3 * time.Second
	q := must[*Queue[string]](t)(NewQueue[string](s, "work", AckWithin(within)))
	take := func(d time.Duration) *Item[string] {
		t.Helper()
		return must[*Item[string]](t)(q.GetTimeout(d))
	}
	for _, text := range []string{"first", "second"} {
		if err := q.Put(text); err != nil {
			t.Fatal(err)
		}
	}
	take(time.Minute)
	idle(t.Context(), within*2/3)
	take(time.Minute)
	begun := time.Now()
	c.set(time.Hour)
	for range 2 {
		item := take(time.Minute)
		t.Logf("the clock jumps ahead: %q is given out (%d) %v after the second was, of %v", item.Value, item.Deliveries(), time.Since(begun).Round(time.Millisecond), within)
		if err := item.Done(); err != nil {
			t.Error(err)
		}
	}
	if err := q.Put("third"); err != nil {
		t.Fatal(err)
	}
	third := take(time.Minute)
	c.set(0)
	begun = time.Now()
	item, err := q.GetTimeout(3 * within)
	t.Logf("the clock jumps back: given out again within %v: %v", 3*within, err == nil)
	if err != nil { // it is when the clock is ahead again, and the engine looks
		c.set(2 * time.Hour)
		if err := q.Put("fourth"); err != nil {
			t.Fatal(err)
		}
		for item = take(time.Minute); item.ID() != third.ID(); item = take(time.Minute) {
			if err := item.Done(); err != nil {
				t.Error(err)
			}
		}
	}
	t.Logf("after %v", time.Since(begun).Round(time.Millisecond))
	if err := item.Done(); err != nil {
		t.Error(err)
	}

	// Two processes take what a third puts, and all clocks jump at each step.
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	food := must[*Queue[int]](t)(NewQueue[int](s, "food", AckWithin(faultLease), MaxDeliveries(1000)))
	clocks := []*clock{c}
	m := meals{ate: make(map[int]int)}
	var wg sync.WaitGroup
	for range 2 {
		e := &child{kind: "eater", url: "nats://" + addr, exe: exe, clock: newClock(t)}
		e.answer = m.eaten(e)
		clocks = append(clocks, e.clock)
		wg.Go(func() { e.run(ctx) })
	}
	const items = 200
	for i := range items {
		clocks[i%len(clocks)].set(jumps[i/2%len(jumps)])
		if err := food.PutContext(ctx, i); err != nil {
			t.Fatal(err)
		}
	}
	c.set(2 * time.Hour)
	if err := food.JoinContext(ctx); err != nil {
		t.Error(err)
	}
	cancel()
	wg.Wait()
	m.check(t, items)
}
