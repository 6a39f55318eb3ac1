package timeline

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestWaits(t *testing.T) {
	const two = forks + "acquire 2 @1 n=1\nacquire 3 @2 n=1\nblock 2 @2\n"
	const joins = "define-obj @8 class=goroutine n=2 'ann\n"
	for _, c := range []struct{ name, stream, want string }{
		{"nobody waits", forks, ""},
		{"for one who runs", two, "ann → fork-2 (held by ben), who runs"},
		{"a cycle", two + "block 3 @1", "ann → fork-2 (held by ben) → fork-1 (held by ann)"},
		{"a cycle and who hangs on it", two + joins + "block 1 @8\nblock 3 @1", "ann → fork-2 (held by ben) → fork-1 (held by ann); main → end of ann → fork-2 (held by ben) → …"},
		{"one for itself", forks + "acquire 2 @1 n=1\nblock 2 @1", "ann → fork-1 (held by ann)"},
		{"one for itself, and who hangs on it", forks + "acquire 2 @1 n=1\nblock 2 @1\n" + joins + "block 3 @1\nblock 1 @8", "ann → fork-1 (held by ann); main → end of ann → …; ben → fork-1 (held by ann) → …"},
		{"a long chain", two + joins + "block 1 @8\nacquire 4 @3 n=1\nblock 3 @3", "main → end of ann → fork-2 (held by ben) → fork-3 (held by eve), who runs"},
		{"some wait alike", forks + "acquire 1 @1 n=1\nblock 2 @1\nblock 3 @1\nblock 4 @1", "ann and 2 more → fork-1 (held by main), who runs"},
		{"the holder has ended", forks + "acquire 2 @1 n=1\nexit 2\nblock 3 @1", "ben → fork-1 (held by ann), who has ended"},
		{"a semaphore, one holder can go on", forks + pool2 + "acquire 2 @9 n=1\nacquire 4 @9 n=1\nacquire 3 @1 n=1\nblock 3 @9\nblock 2 @1", "ann → fork-1 (held by ben) → pool (held by eve and 1 more), who runs"},
		{"a semaphore, more of it", pool2 + "acquire 2 @9 n=2\nblock 3 @9 n=2", "ben → 2 of pool (held by ann), who runs"},
		{"readers", rw9 + "acquire 2 @9 n=1 'RLock\nacquire 4 @9 n=1 'RLock\nblock 3 @9 'Lock\nblock 1 @9 'RLock", "main → rw (behind ben) → rw (read by ann and 1 more), who runs"},
		{"for an event, while others go on", doorDef + "block 2 @1", "ann → door"},
		{"for an event, and nobody has set it", doorDef + "block 2 @1\nexit 3" + rest, "ann → door: no goroutine has set it"},
		{"for an event, and who set it has ended", doorDef + "set 3 @1\nclear 3 @1\nblock 2 @1\nexit 3" + rest, "ann → door: no goroutine can set it: ben has ended"},
		{"lost wake-up", cond + "notify 3 @2\nexit 3\nblock 2 @2\n" + joins + "block 1 @8\nexit 4", "main → end of ann → bell: no goroutine can notify: ben has ended"},
		{"lost wake-up, of three", cond + "notify 3 @2\nexit 3\nnotify 4 @2\nexit 4\nnotify 1 @2\nexit 1\nblock 2 @2", "ann → bell: no goroutine can notify: ben, eve and main have ended"},
		{"who has notified waits for another", forks + "define-obj @9 class=cond peer=1 'bell\nnotify 3 @9\nacquire 4 @2 n=1\nblock 2 @9\nblock 3 @2\nexit 4\nexit 1", "ann → bell (notified before by ben) → fork-2 (held by eve), who has ended"},
		{"a queue at both ends", "define-obj @9 class=queue n=1 'q\nput 2 @9 n=1\nget 3 @9 n=1\nblock 3 @9 'Get\nblock 2 @9 'Put" + rest, "ann → q (taken from before by ben) → q (filled before by ann)"},
		{"a queue that nobody fills", "define-obj @9 class=queue 'q\nput 2 @9 n=1\nget 3 @9 n=1\nblock 3 @9 'Get\nexit 2" + rest, "ben → q: no goroutine can put into it: ann has ended"},
		{"signals", "define-obj @9 class=semaphore 'news\nrelease 2 @9 n=1\nacquire 3 @9 n=1\nblock 3 @9\nexit 2" + rest, "ben → news: no goroutine can release it: ann has ended"},
		{"a counter", "define-obj @9 class=waitgroup 'wg\nadd 1 @9 n=2\nadd 2 @9 n=1\nexit 2\nblock 1 @9 'Wait\nexit 3\nexit 4", "main → wg: no goroutine can count it down: ann has ended"},
		{"a counter that nobody has counted down", "define-obj @9 class=waitgroup 'wg\nadd 1 @9 n=2\nblock 1 @9 'Wait\nexit 2\nexit 3\nexit 4", "main → wg"},
		{"a barrier", "define-obj @9 class=barrier n=3 'gate\narrive 2 @9\nblock 2 @9\nexit 3" + rest, "ann → gate: 2 of 3 have not arrived, and no goroutine is left to arrive"},
		{"a channel", chanDef + "block 2 @1 'receive", "ann → receive from c: no goroutine has tried to send to c"},
		{"a channel and a lock", forks + used + "acquire 2 @1 n=1\nblock 2 @9 'send\nblock 3 @1" + rest, "ann → send to c (up to ben) → fork-1 (held by ann)"},
		{"a future", executor + "submit 1 @2 peer=1\ntask-start 3 @2\nblock 2 @2", "ann → result of f (run by ben), who runs"},
		{"a once", "define-obj @9 class=once 'once\naction-begin 2 @9\nblock 3 @9 'Do", "ben → once (run by ann), who runs"},
	} {
		s := play(t, c.stream)
		var got []string
		w := s.Waits()
		for i := range w.Chains {
			got = append(got, s.Words().ChainText(&w.Chains[i]))
		}
		if got := strings.Join(got, "; "); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

const cond = "define-obj @1 class=mutex 'm\ndefine-obj @2 class=cond peer=1 'bell\n"

// A goroutine that waits for one in a cycle is hanging; one that waits for any other is not.
func TestHanging(t *testing.T) {
	s := play(t, forks+`
		define-g 5 'fay
		define-g 6 'gus
		define-obj @8 class=goroutine n=2 'ann
		define-obj @9 class=goroutine n=1 'main
		define-obj @7 class=goroutine n=6 'gus
		acquire 2 @1 n=1
		acquire 3 @2 n=1
		block 2 @2
		block 3 @1
		block 1 @8
		block 4 @9
		block 5 @7`)
	w := s.Waits()
	if got := slices.Sorted(maps.Keys(w.Cycle)); !slices.Equal(got, []int64{2, 3}) {
		t.Errorf("in the cycle are %v", got)
	}
	if got := slices.Sorted(maps.Keys(w.Hanging)); !slices.Equal(got, []int64{1, 4}) {
		t.Errorf("hanging because of it are %v", got)
	}
	if len(w.Chains) != 3 || w.Chains[0].Loop != 0 || w.Chains[1].Loop < 1 || !w.Chains[1].Stuck || w.Chains[2].Stuck {
		t.Errorf("%+v", w.Chains)
	}
}

// A cycle is presumed if one of its links is; it must not be called a deadlock then.
func TestPresumed(t *testing.T) {
	for _, c := range []struct {
		name, stream string
		want         bool
	}{
		{"locks", forks + "acquire 2 @1 n=1\nacquire 3 @2 n=1\nblock 2 @2\nblock 3 @1", false},
		{"a queue at both ends", "define-obj @9 class=queue n=1 'q\nput 2 @9 n=1\nget 3 @9 n=1\nblock 3 @9 'Get\nblock 2 @9 'Put" + rest, true},
	} {
		chains := play(t, c.stream).Waits().Chains
		if len(chains) != 1 || chains[0].Loop != 0 || chains[0].Presumed != c.want {
			t.Errorf("%s: %+v, want a cycle that is presumed: %v", c.name, chains, c.want)
		}
	}
}
