package timeline

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

const story = people + `
	define-pc pc=5 'main.go:12 main.main
	define-obj @1 class=barrier n=3 'start-line
	spawn 1 peer=2
	log 1 'three runners
	arrive 2 @1 n=0 pc=5
	block 2 @1 n=1 'Wait
	arrive 3 @1 n=1
	block 3 @1 n=1 'Wait
	arrive 4 @1 n=2 +410ms
	action-begin 4 @1
	action-end 4 @1
	trip 4 @1 n=1
	unblock 2 @1 peer=4
	unblock 3 @1 peer=4
	resume 2 @1
	resume 3 @1
	arrive 2 @1 n=0
	block 2 @1 'Wait
	break 1 @1 n=3 'order canceled
	unblock 2 @1 peer=1
	resume 2 @1
	reset 1 @1
	define-obj @2 class=semaphore n=2 'pool
	acquire 2 @2 n=2
	block 3 @2 n=2 'AcquireN
	block 4 @2 n=1 'AcquireTimeout
	try-fail 1 @2 n=1 'TryAcquire
	give-up 3 @2 n=1 +1.25s
	release 2 @2 n=1
	unblock 4 @2 peer=2
	acquire 4 @2 n=1
	resume 4 @2
	define-obj @3 class=reentrant-lock 'room
	acquire 3 @3 n=1
	acquire 3 @3 n=2
	release 3 @3 n=1
	release 3 @3 n=0
	define-obj @4 class=event 'door
	block 3 @4 'Wait
	set 1 @4 n=1
	unblock 3 @4 peer=1
	resume 3 @4
	pass 2 @4
	clear 1 @4
	define-obj @5 class=local 'request
	set-value 2 @5 '17
	drop-value 2 @5
	define-obj @6 class=mutex 'queue-1
	rename 1 @6 'lock
	define-obj @7 class=cond peer=6 'not-empty
	acquire 2 @6 n=1
	release 2 @6 n=0
	block 2 @7 'Wait
	notify 1 @7 n=1
	unblock 2 @7 peer=1
	resume 2 @7
	notify 1 @7 n=0
	define-obj @8 class=queue n=2 'orders
	put 1 @8 n=1 'tea
	put 1 @8 n=2 'milk
	block 1 @8 'Put
	get 2 @8 n=1
	unblock 1 @8 peer=2
	put 1 @8 n=3 peer=1 'rice
	resume 1 @8
	task-done 2 @8 n=2
	close 1 @8 n=2
	define-obj @9 class=executor n=2 'workers
	define-obj @10 class=future peer=9 'task-1
	submit 1 @10 peer=9
	block 1 @10 'Result
	task-start 2 @10
	settle 2 @10 n=3 '42
	unblock 1 @10 peer=2
	resume 1 @10
	cancel 1 @9
	define-obj @11 class=goroutine n=4 'eve
	block 1 @11 'Join
	unblock 1 @11 peer=4
	exit 4 @11
	resume 1 @11
	define-obj @13 class=group n=1 'WaitAll
	define-obj @14 class=future 'answer
	watch 1 @14 peer=13 n=1
	block 1 @13 'WaitAll
	settle 2 @14 n=3 'yes
	unblock 1 @13 peer=2
	resume 1 @13
	define-obj @12 class=var 'balance
	read 1 @12 '5
	write 1 @12 '6
	op 1 'yields
	define-obj @20 class=chan n=1 'results
	define-obj @21 class=chan 'done
	define-obj @22 class=select 'select of main
	put 2 @20 n=1 '7
	block 3 @20 'send
	get 1 @20 n=1
	unblock 3 @20 peer=1
	put 3 @20 n=2 '8
	resume 3 @20
	get 1 @20 n=2
	watch 1 @20 peer=22 n=1 'receive
	watch 1 @21 peer=22 n=2 'receive
	block 1 @22 'select
	put 2 @21 n=1
	unblock 1 @22 peer=2
	get 1 @21 n=1
	resume 1 @22
	close 2 @20
	pass 1 @20
	define-obj @23 class=rwmutex 'table
	acquire 2 @23 n=1 'RLock
	block 3 @23 'Lock
	release 2 @23 'RUnlock
	unblock 3 @23 peer=2
	acquire 3 @23 n=1 'Lock
	resume 3 @23
	release 3 @23 'Unlock
	define-obj @24 class=waitgroup n=1 'wg
	add 1 @24 n=3
	add 1 @24 n=2
	block 1 @24 'Wait
	add 2 @24
	unblock 1 @24 peer=2
	resume 1 @24
	pass 3 @24
	define-obj @25 class=once 'once
	action-begin 2 @25
	block 3 @25 'Do
	action-end 2 @25
	unblock 3 @25 peer=2
	resume 3 @25
	pass 1 @25
	define-obj @26 class=timer peer=20 'timer-1
	set 1 @26 n=9000000000
	fire @26 n=12000000000
	fire @26
	put @21 n=2 '12:00
	clear 1 @26
	define-obj @27 class=clock 'clock
	block 3 @27 n=5000000000 'Sleep
	unblock 3 @27
	resume 3 @27
	define-obj @28 class=atomic 'n
	read 3 @28
	write 3 @28 '4
	define-obj @29 class=nil-chan 'nil channel
	block 3 @29 'receive
	frobnicate 1 @12
	fail 1 'panic: close of closed channel
	fail 'deadlock: ben waits forever
	dropped n=3
	log 1 'a line` + "\x1b[31m\ttwo" + `
	end
`

var update = flag.Bool("update", false, "update the golden files")

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if w := strings.ReplaceAll(string(want), "\r\n", "\n"); got != w {
		t.Errorf("differs from %s (update with go test -update):\n%s", name, firstDifference(got, w))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

func TestWriteText(t *testing.T) {
	var out strings.Builder
	events := script(t, story)
	if err := WriteText(t.Context(), &out, events); err != nil {
		t.Fatal(err)
	}
	golden(t, "story.txt", out.String())
	tl := New(events...)
	if errs := tl.Errors(); len(errs) > 0 {
		t.Errorf("the story is inconsistent: %v", errs)
	}
}

func TestWriteMermaid(t *testing.T) {
	var out strings.Builder
	if err := WriteMermaid(t.Context(), &out, script(t, story+"\nlog 1 'a # and; <b>")); err != nil {
		t.Fatal(err)
	}
	golden(t, "story.mmd", out.String())
}

func TestWritePerfetto(t *testing.T) {
	var out strings.Builder
	if err := WritePerfetto(t.Context(), &out, script(t, story)); err != nil {
		t.Fatal(err)
	}
	if !json.Valid([]byte(out.String())) {
		t.Error("it is not JSON")
	}
	golden(t, "story.perfetto.json", out.String())
}

func TestExportNothing(t *testing.T) {
	var out strings.Builder
	if err := errors.Join(WriteText(t.Context(), &out, nil), WriteMermaid(t.Context(), &out, nil)); err != nil || out.String() != "sequenceDiagram\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
	out.Reset()
	if err := WritePerfetto(t.Context(), &out, nil); err != nil || !json.Valid([]byte(out.String())) {
		t.Errorf("%q, %v", out.String(), err)
	}
}

type broken struct{}

var errBroken = errors.New("broken pipe")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteErrors(t *testing.T) {
	events := script(t, story)
	for name, write := range map[string]func() error{
		"text":     func() error { return WriteText(t.Context(), broken{}, events) },
		"mermaid":  func() error { return WriteMermaid(t.Context(), broken{}, events) },
		"perfetto": func() error { return WritePerfetto(t.Context(), broken{}, events) },
	} {
		if err := write(); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDescribeWithoutAState(t *testing.T) {
	s := new(State)
	for k := range trace.KindOp + 3 {
		ev := trace.Event{Kind: k, G: 7, Obj: 8, Peer: 9, N: 2, Text: "x"}
		if got := Describe(s, ev); got == "" && k != trace.KindDefinePC && k != trace.KindDefineG && k != trace.KindWatch || strings.Contains(got, "%!") {
			t.Errorf("%s: %q", k, got)
		}
	}
}

func TestWhoEndsKeepsNoSignals(t *testing.T) {
	s := play(t, "define-obj @8 class=semaphore n=1 'pool\nacquire 2 @8 n=1\ndefine-obj @9 class=semaphore n=0 'news\nrelease 4 @9 n=2\nacquire 2 @9 n=1\nacquire 3 @9 n=1")
	for g, want := range map[int64]string{2: "ann ends and still holds pool", 3: "ben ends", 4: "eve ends"} {
		if got := Describe(s, trace.Event{Kind: trace.KindExit, G: g}); got != want {
			t.Errorf("%d: %q, want %q", g, got, want)
		}
	}
}

// A goroutine that received a signal holds nothing, even if it turns out only later to be a signal.
func TestSignalsAreNotHeld(t *testing.T) {
	s := play(t, "define-obj @8 class=semaphore n=1 'pool\nacquire 2 @8 n=1\ndefine-obj @9 class=semaphore n=0 'news\nrelease 4 @9 n=2\nacquire 2 @9 n=1")
	if got := s.Words().Doing(2); got != "holds pool" {
		t.Errorf("before the permit of pool is known to be a signal: %q", got)
	}
	if err := s.Apply(trace.Event{Seq: 100, G: 4, Kind: trace.KindRelease, Obj: 8, N: 1}); err != nil {
		t.Fatal(err)
	}
	if got := s.Words().Doing(2); got != "running" || !s.Object(8).Signals || len(s.Object(9).Holders) != 1 {
		t.Errorf("after it: %q, pool %+v, news %+v", got, s.Object(8), s.Object(9))
	}
}

// The sentence omits the stack of a panic.
func TestDescribeSettleInOneLine(t *testing.T) {
	ev := trace.Event{Kind: trace.KindSettle, G: 1, Obj: 1, N: int64(ProgressFailed), Text: "panic: no\n\ngoroutine 7 [running]:"}
	if got := Describe(new(State), ev); !strings.HasSuffix(got, ": panic: no …") {
		t.Errorf("%q", got)
	}
}
