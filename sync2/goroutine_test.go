package sync2_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func TestGoroutineLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var end sync2.Event
		var inside *sync2.Goroutine
		g := sync2.Go("worker", func() {
			inside = sync2.Current()
			end.Wait()
		})
		synctest.Wait()
		if inside != g || g.Name() != "worker" || g.ID() <= 0 || !g.Alive() {
			t.Errorf("Current %p, want %p; Name %q, ID %d, Alive %v", inside, g, g.Name(), g.ID(), g.Alive())
		}
		if g.JoinTimeout(time.Second) || g.JoinTimeout(0) {
			t.Error("JoinTimeout of one that runs")
		}
		wantErr(t, g.JoinContext(ended(errTest)), errTest)
		done := g.Done()
		joined := 0
		go func() { g.Join(); joined++ }()
		synctest.Wait()
		end.Set()
		<-done
		<-g.Done()
		synctest.Wait()
		g.Join()
		if joined != 1 || g.Alive() || !g.JoinTimeout(0) || g.JoinContext(t.Context()) != nil {
			t.Errorf("joined %d, Alive %v", joined, g.Alive())
		}
		wantErr(t, g.JoinContext(ended(errTest)), errTest)
	})
}

func TestGoroutineIDIsKnownAtOnce(t *testing.T) {
	for range 100 {
		var id int64
		g := sync2.Go("id", func() { id = sync2.Current().ID() })
		want := g.ID()
		g.Join()
		if id != want || want <= 0 {
			t.Fatalf("ID = %d outside, %d inside", want, id)
		}
	}
}

func TestGoroutineWithoutAName(t *testing.T) {
	var end sync2.Event
	g := sync2.Go("", end.Wait)
	if want := fmt.Sprintf("goroutine-%d", g.ID()); g.Name() != want {
		t.Errorf("Name = %q, want %q", g.Name(), want)
	}
	end.Set()
	g.Join()
}

func TestGoroutineEndsByGoexit(t *testing.T) {
	g := sync2.Go("goner", runtime.Goexit)
	g.Join()
	if g.Alive() {
		t.Error("alive after Goexit")
	}
}

func TestGoroutineForeign(t *testing.T) {
	me := sync2.Current()
	if me == nil || me.Name() != fmt.Sprintf("goroutine-%d", me.ID()) || !me.Alive() || me.Done() != nil {
		t.Errorf("Current = %+v", me)
	}
	if again := sync2.Current(); again.ID() != me.ID() {
		t.Errorf("ID = %d, then %d", me.ID(), again.ID())
	}
	for op, join := range map[string]func(){
		"Goroutine.Join":        me.Join,
		"Goroutine.JoinTimeout": func() { me.JoinTimeout(0) },
		"Goroutine.JoinContext": func() { _ = me.JoinContext(ended(errTest)) },
	} {
		wantMisuse(t, op, join)
	}
	sync2.Go("self", func() {
		wantMisuse(t, "Goroutine.Join", sync2.Current().Join)
		wantMisuse(t, "Goroutine.JoinTimeout", func() { sync2.Current().JoinTimeout(0) })
	}).Join()
}

func TestGoroutinesOldestFirst(t *testing.T) {
	var end sync2.Event
	var all []*sync2.Goroutine
	for i := range 5 {
		all = append(all, sync2.Go(fmt.Sprint("g", i), end.Wait))
	}
	until(func() bool { return end.Waiting() == 5 })
	if got := sync2.Goroutines(); !slices.Equal(got, all) {
		t.Errorf("Goroutines = %v, want %v", got, all)
	}
	end.Set()
	for _, g := range all {
		g.Join()
	}
	if got := sync2.Goroutines(); len(got) != 0 {
		t.Errorf("Goroutines = %v after the end", got)
	}
}

// A panic crashes the program, with the stack of the panic, before any Join returns.
func TestGoroutinePanicCrashes(t *testing.T) {
	if os.Getenv("SYNC2_TEST_PANIC") != "" {
		var g *sync2.Goroutine
		started := make(chan struct{})
		g = sync2.Go("victim", func() { <-started; explode(lastWordsError{g}) })
		close(started)
		g.Join()
		fmt.Println("joined")
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestGoroutinePanicCrashes$")
	cmd.Env = append(os.Environ(), "SYNC2_TEST_PANIC=1")
	out, err := cmd.CombinedOutput()
	text := string(out)
	if err == nil || strings.Contains(text, "joined") || !strings.Contains(text, "boom") || !strings.Contains(text, "explode") {
		t.Errorf("err %v, output:\n%s", err, text)
	}
}

func explode(v any) { panic(v) }

// A lastWordsError is an error whose Error is called when the program is about to crash.
type lastWordsError struct{ g *sync2.Goroutine }

func (w lastWordsError) Error() string {
	if !w.g.Alive() {
		fmt.Println("could be joined")
	}
	return "boom"
}

// The goroutines of a WaitGroup, a Group and a Flight are in the list, and get a handle on demand.
func TestGoroutinesWithoutHandles(t *testing.T) {
	var end sync2.Event
	var wg sync2.WaitGroup
	var fly sync2.Flight[int, int]
	first := sync2.Go("first", end.Wait)
	until(func() bool { return end.Waiting() == 1 })
	wg.Go(end.Wait)
	until(func() bool { return end.Waiting() == 2 })
	crew := sync2.NewGroup(t.Context())
	crew.Go("member", func(context.Context) error { end.Wait(); return nil })
	until(func() bool { return end.Waiting() == 3 })
	ask := sync2.Go("ask", func() {
		_, _, _ = fly.Do(context.Background(), 1, func(context.Context) (int, error) { end.Wait(); return 1, nil })
	})
	until(func() bool { return end.Waiting() == 4 })
	all := sync2.Goroutines()
	names := make(map[string]*sync2.Goroutine)
	for _, g := range all {
		names[g.Name()] = g
		if !g.Alive() || g.JoinTimeout(0) || names[g.Name()].ID() != g.ID() {
			t.Errorf("%v is alive: %v", g, g.Alive())
		}
		if nameless := fmt.Sprintf("goroutine-%d", g.ID()); g.Name() == nameless {
			names["nameless"] = g
		}
	}
	if len(all) != 5 || names["first"] != first || names["ask"] != ask || names["nameless"] == nil || names["member"] == nil || names["call-1"] == nil {
		t.Errorf("Goroutines = %v", all)
	}
	if !slices.Equal(sync2.Goroutines(), all) {
		t.Errorf("Goroutines = %v, and then %v", all, sync2.Goroutines())
	}
	end.Set()
	for _, g := range all {
		g.Join()
		if g.Alive() {
			t.Errorf("%v is alive after Join", g)
		}
		<-g.Done()
	}
	wg.Wait()
	if err := crew.Wait(); err != nil {
		t.Error(err)
	}
	if left := sync2.Goroutines(); len(left) != 0 {
		t.Errorf("Goroutines = %v after the end", left)
	}
}

// Many goroutines start, are listed and end at the same time.
func TestGoroutinesWithoutHandlesHammer(t *testing.T) {
	var wg sync2.WaitGroup
	rounds := 20
	for range rounds {
		var begun, end sync2.Event
		for range 300 {
			wg.Go(func() {
				if me := sync2.Current(); me.ID() != sync2.Current().ID() || !me.Alive() {
					t.Errorf("%v is alive: %v", me, me.Alive())
				}
				begun.Set()
				end.Wait()
			})
		}
		begun.Wait()
		for _, g := range sync2.Goroutines() {
			if g.Name() != fmt.Sprintf("goroutine-%d", g.ID()) {
				t.Errorf("%d is called %s", g.ID(), g.Name())
			}
		}
		until(func() bool { return len(sync2.Goroutines()) == 300 })
		all := sync2.Goroutines()
		end.Set()
		for _, g := range all {
			g.Join()
		}
		wg.Wait()
	}
	if left := sync2.Goroutines(); len(left) != 0 {
		t.Errorf("Goroutines = %v after the end", left)
	}
}

// A goroutine that sees another one in the list may ask for its name, though nothing else orders the two.
func TestListOfOthersGoroutines(t *testing.T) {
	var end sync2.Event
	sync2.Go("parent", func() { sync2.Go("child", end.Wait) })
	var child *sync2.Goroutine
	until(func() bool {
		for _, g := range sync2.Goroutines() {
			if g.Name() == "child" {
				child = g
			}
		}
		return child != nil
	})
	end.Set()
	child.Join()
}
