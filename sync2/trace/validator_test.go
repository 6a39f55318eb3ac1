package trace

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// firstError returns the first error of a Validator for the events in text, with "end: " before errors of Finish.
func firstError(t *testing.T, v *Validator, text string) string {
	t.Helper()
	for _, ev := range script(t, text) {
		if err := v.Event(ev); err != nil {
			return strings.TrimPrefix(err.Error(), "trace: ")
		}
	}
	if err := v.Finish(); err != nil {
		return strings.TrimPrefix(err.Error(), "trace: ")
	}
	return ""
}

const (
	door   = people + "define-obj @1 class=event 'door\n"
	sem    = people + "define-obj @1 class=semaphore n=2 'pool\n"
	mutex  = people + "define-obj @1 class=mutex 'room\n"
	relock = people + "define-obj @1 class=reentrant-lock 'room\n"
	three  = people + "define-obj @1 class=barrier n=3 'line\n"
	cond   = people + "define-obj @2 class=mutex 'lock\ndefine-obj @1 class=cond peer=2 'full\n"
	queue  = people + "define-obj @1 class=queue n=2 'orders\n"
	group  = future + "define-obj @3 class=group n=1 'WaitAll\n"
	unbuf  = people + "define-obj @1 class=chan 'c\n"
	buf    = people + "define-obj @1 class=chan n=2 'c\n"
	chosen = people + "define-obj @1 class=chan 'c\ndefine-obj @2 class=nil-chan 'nil\ndefine-obj @3 class=select 'select of ann\n"
	rw     = people + "define-obj @1 class=rwmutex 'rw\n"
	wg     = people + "define-obj @1 class=waitgroup 'wg\n"
	once   = people + "define-obj @1 class=once 'once\n"
	timer  = people + "define-obj @1 class=timer 'timer\n"
	future = people + "define-obj @2 class=executor n=2 'workers\ndefine-obj @1 class=future peer=2 'task\n"
)

// Each rule has a stream that obeys it, and one that breaks it.
var ruleTests = []struct {
	name, stream, want string
}{
	// The stream.
	{"empty", ``, "the trace has not begun"},
	{"begins", `begin`, ""},
	{"does not begin", `log`, "event 1, log: the trace has not begun"},
	{"begins twice", "begin\nbegin", "event 2, begin: a trace begins once, with event 1"},
	{"ends", people + `end`, ""},
	{"goes on after its end", people + "end\nlog 1", "event 7, log by main: the trace has ended"},
	{"gap", people + "log 1 seq=8", "event 8, log by main: the number of events missing before it is 2"},
	{"gap that is told", people + "dropped n=2 seq=7\nlog 1", ""},
	{"gap that is told wrongly", people + "dropped n=3 seq=7\nlog 1", "event 7, dropped: the number of events missing here is 2"},
	{"seq twice", people + "log 1 seq=5", "event 5, log by main: it comes after event 5"},
	{"time stands", people + "log 1 +0s", ""},
	{"time goes back", people + "log 1 +-1ms", "event 6, log by main: its time, 3000000, is before that of the event before it, 4000000"},
	{"unknown kinds", people + "frobnicate 77 @88 pc=99", ""},
	{"no kind", people + "bad", "event 6, bad: this is not an event"},
	{"dropped nothing", people + "dropped n=0", "event 6, dropped: the number of events missing here is 1"},

	// Definitions.
	{"undefined goroutine", people + "log 9", "event 6, log by goroutine-9: goroutine 9 is not defined"},
	{"undefined object", people + "op 1 @3", "event 6, op by main at object-3: object 3 is not defined"},
	{"undefined position", people + "log 1 pc=3", "event 6, log by main: position 3 is not defined"},
	{"undefined waker", sem + "acquire 2 @1 n=2\nblock 3 @1 n=1\nrelease 2 @1 n=2\nunblock 3 @1 peer=9", "event 10, unblock by ben at pool: goroutine 9 is not defined"},
	{"undefined parent", people + "define-obj @1 class=cond peer=2 'full", "event 6, define-obj at full: it belongs to object 2, which is not defined"},
	{"undefined, after a loss", people + "dropped n=1\nlog 9 pc=3\nop 1 @3", ""},
	{"goroutine defined twice", people + "define-g 2", "event 6, define-g by ann: it was defined before"},
	{"goroutine defined again after its end", people + "exit 2\ndefine-g 2", ""},
	{"goroutine 0", people + "define-g", "event 6, define-g: it defines no goroutine"},
	{"object defined twice", sem + "define-obj @1 class=event", "event 7, define-obj at pool: it was defined before"},
	{"object 0", people + "define-obj class=event", "event 6, define-obj: it defines nothing"},
	{"position 0", people + "define-pc", "event 6, define-pc: it defines nothing"},
	{"negative state", people + "define-obj @1 class=semaphore n=-1 'pool", "event 6, define-obj at pool: its number is -1"},
	{"barrier for nobody", people + "define-obj @1 class=barrier 'line", "event 6, define-obj at line: it has no parties"},
	{"rename", sem + "rename 1 @1 'x\nacquire 1 @1 n=3", "event 8, acquire by main at x: permits available: 2"},
	{"rename nothing", people + "rename 1 'x", "event 6, rename by main: it names nothing"},
	{"another class", door + "acquire 1 @1 n=1", "event 7, acquire by main at door: this cannot happen to an object of class event"},
	{"no object", people + "set 1", "event 6, set by main: it has no object"},
	{"unknown class", people + "define-obj @1 class=class-200\nset 1 @1\nacquire 1 @1 n=1\nput 1 @1 n=1", ""},
	{"unknown class, in any order", people + "define-obj @1 class=class-200\nblock 2 @1\nblock 3 @1\nunblock 3 @1 peer=1\nresume 3 @1\nunblock 2 @1 peer=3\nresume 2 @1", ""},

	// Goroutines and waiting.
	{"starts", people + "spawn 1 peer=2\nlog 2", ""},
	{"starts itself", people + "spawn 1 peer=1", "event 6, spawn by main: it starts no goroutine"},
	{"goes on after its end", people + "exit 2\nlog 2", "event 7, log by ann: it has ended"},
	{"waits and is released", door + "block 2 @1\nset 1 @1 n=1\nunblock 2 @1 peer=1\nresume 2 @1\nlog 2", ""},
	{"waits forever", door + "block 2 @1", "at the end, ann still waits for door"},
	{"does something while it waits", door + "block 2 @1\nlog 2", "event 8, log by ann: it waits for door"},
	{"ends while it waits", door + "block 2 @1\nexit 2", "event 8, exit by ann: it waits for door"},
	{"goes on while it waits", door + "block 2 @1\nresume 2 @1", "event 8, resume by ann at door: it waits for door"},
	{"waits twice", door + "block 2 @1\nblock 2 @1", "event 8, block by ann at door: it waits for door"},
	{"waits for nothing", people + "block 2", "event 6, block by ann: it waits for nothing"},
	{"released though it does not wait", sem + "log 2\nunblock 2 @1", "event 8, unblock by ann at pool: it does not wait for that"},
	{"released from something else", sem + "define-obj @2 class=mutex\nacquire 1 @2 n=1\nblock 2 @2\nrelease 1 @2\nunblock 2 @1", "event 11, unblock by ann at pool: it does not wait for that"},
	{"released of a wait older than the trace", sem + "unblock 2 @1 peer=1\nacquire 2 @1 n=1\nresume 2 @1", ""},
	{"resumes without release", people + "log 2\nresume 2", "event 7, resume by ann: it was not released from that"},
	{"resumes from something else", mutex + "acquire 1 @1 n=1\nblock 2 @1 n=1\nrelease 1 @1\nunblock 2 @1\nresume 2", "event 11, resume by ann: it was not released from that"},
	{"gives up", door + "block 2 @1\ngive-up 2 @1 n=1\nlog 2", ""},
	{"gives up without reason", door + "block 2 @1\ngive-up 2 @1", "event 8, give-up by ann at door: it has no reason"},
	{"gives up what it does not wait for", door + "log 2\ngive-up 2 @1 n=1", "event 8, give-up by ann at door: it does not wait for that"},
	{"gives up twice", door + "block 2 @1\ngive-up 2 @1 n=1\ngive-up 2 @1 n=1", "event 9, give-up by ann at door: it does not wait for that"},
	{"joins", people + "define-obj @1 class=goroutine n=3 'ben\nblock 2 @1\nunblock 2 @1 peer=3\nexit 3 @1\nresume 2 @1\npass 4 @1", ""},
	{"joins one that has ended", people + "define-obj @1 class=goroutine n=3 'ben\nexit 3 @1\nblock 2 @1", "event 8, block by ann at ben: the goroutine has ended"},
	{"finds one ended that is not", people + "define-obj @1 class=goroutine n=3 'ben\nlog 3\npass 2 @1", "event 8, pass by ann at ben: the goroutine has not ended"},

	// Events.
	{"set", door + "block 2 @1\nblock 3 @1\nset 1 @1 n=2\nunblock 3 @1\nunblock 2 @1\nresume 3 @1\npass 4 @1\nresume 2 @1\nclear 1 @1", ""},
	{"set releases too few", door + "block 2 @1\nblock 3 @1\nset 1 @1 n=2\nunblock 3 @1\nclear 1 @1", "event 11, clear by main at door: waiters that must be released first: 1"},
	{"set releases nobody, to the end", door + "block 2 @1\nset 1 @1 n=1", "at the end, at door: waiters that must be released first: 1"},
	{"set counts too few", door + "block 2 @1\nblock 3 @1\nset 1 @1 n=1", "event 9, set by main at door: 2 wait, but it releases 1"},
	{"released by nothing", door + "block 2 @1\nunblock 2 @1", "event 8, unblock by ann at door: no earlier event has released it"},
	{"waits for what is set", door + "set 1 @1\nblock 2 @1", "event 8, block by ann at door: the event is set"},
	{"waits for what was set before", people + "define-obj @1 class=event n=1 'door\nblock 2 @1", "event 7, block by ann at door: the event is set"},
	{"passes what is not set", door + "pass 2 @1", "event 7, pass by ann at door: the event is not set"},
	{"passes what was cleared", door + "set 1 @1\nclear 1 @1\npass 2 @1", "event 9, pass by ann at door: the event is not set"},

	// Mutex.
	{"lock and unlock", mutex + "acquire 1 @1 n=1\ntry-fail 2 @1 n=1\nrelease 1 @1\nacquire 2 @1 n=1\nrelease 3 @1 peer=2", ""},
	{"two hold it", mutex + "acquire 1 @1 n=1\nacquire 2 @1 n=1", "event 8, acquire by ann at room: main holds it"},
	{"one holds it twice", mutex + "acquire 1 @1 n=1\nacquire 1 @1 n=2", "event 8, acquire by main at room: the depth is 2"},
	{"held before the trace", people + "define-obj @1 class=mutex n=1 'room\nrelease 1 @1\nacquire 2 @1 n=1", ""},
	{"held before the trace, and got", people + "define-obj @1 class=mutex n=1 'room\nacquire 2 @1 n=1", "event 7, acquire by ann at room: an unknown goroutine holds it"},
	{"unlock of what is free", mutex + "release 1 @1", "event 7, release by main at room: it is not held"},
	{"handed over", mutex + "acquire 1 @1 n=1\nblock 2 @1 n=1\nrelease 1 @1\nunblock 2 @1 peer=1\nacquire 2 @1 n=1\nresume 2 @1", ""},
	{"woken, overtaken, back to the front", mutex + `
		acquire 1 @1 n=1
		block 2 @1 n=1
		block 3 @1 n=1
		release 1 @1
		unblock 2 @1 peer=1
		acquire 1 @1 n=1
		resume 2 @1
		block 2 @1 n=1 peer=-1
		release 1 @1
		unblock 2 @1 peer=1
		acquire 2 @1 n=1
		resume 2 @1
		release 2 @1
		unblock 3 @1 peer=2
		resume 3 @1
		acquire 3 @1 n=1`, ""},
	{"woken out of turn", mutex + "acquire 1 @1 n=1\nblock 2 @1 n=1\nblock 3 @1 n=1\nrelease 1 @1\nunblock 3 @1 peer=1", "event 11, unblock by ben at room: ann has waited longer"},

	// ReentrantLock.
	{"deeper", relock + "acquire 1 @1 n=1\nacquire 1 @1 n=2\nrelease 1 @1 n=1\nrelease 1 @1 n=0\nacquire 2 @1 n=1", ""},
	{"two hold it, reentrant", relock + "acquire 1 @1 n=1\nacquire 2 @1 n=1", "event 8, acquire by ann at room: main holds it"},
	{"too deep", relock + "acquire 1 @1 n=1\nacquire 1 @1 n=3", "event 8, acquire by main at room: the depth changes from 1 to 3"},
	{"not deep enough", relock + "acquire 1 @1 n=1\nacquire 1 @1 n=2\nacquire 1 @1 n=3\nrelease 1 @1 n=1", "event 10, release by main at room: the depth changes from 3 to 1"},
	{"no depth", relock + "acquire 1 @1", "event 7, acquire by main at room: the depth is 0"},
	{"unlocked by a stranger", relock + "acquire 1 @1 n=1\nrelease 2 @1", "event 8, release by ann at room: main holds it"},
	{"whole, for a Cond, and back", relock + "acquire 1 @1 n=1\nacquire 1 @1 n=2\nacquire 1 @1 n=3\nrelease 1 @1\nacquire 1 @1 n=3\nrelease 1 @1 n=2", ""},
	{"deep before the trace", people + "define-obj @1 class=reentrant-lock n=1 'room\nacquire 2 @1 n=4\nacquire 2 @1 n=5", ""},

	// Semaphores.
	{"permits", sem + "acquire 1 @1 n=2\nrelease 2 @1 n=5\nacquire 2 @1 n=5", ""},
	{"more than there are", sem + "acquire 1 @1 n=1\nacquire 2 @1 n=2", "event 8, acquire by ann at pool: permits available: 1"},
	{"takes none", sem + "acquire 1 @1", "event 7, acquire by main at pool: it takes 0 permits"},
	{"gives none", sem + "release 1 @1", "event 7, release by main at pool: it releases 0 permits"},
	{"takes while it waits", sem + "block 2 @1 n=3\nrelease 1 @1 n=3\nacquire 2 @1 n=3", "event 9, acquire by ann at pool: it waits for pool"},
	{"asks for none", sem + "block 1 @1", "event 7, block by main at pool: it requests 0 permits"},
	{"first come", sem + "acquire 1 @1 n=2\nblock 2 @1 n=1\nblock 3 @1 n=1\nrelease 1 @1 n=2\nunblock 2 @1\nacquire 2 @1 n=1\nunblock 3 @1\nacquire 3 @1 n=1\nresume 3 @1\nresume 2 @1", ""},
	{"last come", sem + "acquire 1 @1 n=2\nblock 2 @1 n=1\nblock 3 @1 n=1\nrelease 1 @1 n=2\nunblock 3 @1", "event 11, unblock by ben at pool: ann has waited longer"},
	{"one before gives up", sem + "acquire 1 @1 n=1\nblock 2 @1 n=2\nblock 3 @1 n=1\ngive-up 2 @1 n=1\nunblock 3 @1 peer=2\nacquire 3 @1 n=1\nresume 3 @1", ""},
	{"overtakes", sem + "acquire 1 @1 n=1\nblock 2 @1 n=3\nrelease 1 @1 n=1\nacquire 1 @1 n=1", "event 10, acquire by main at pool: ann has waited longer"},
	{"drains", sem + "block 2 @1 n=3\nacquire 1 @1 n=2\nrelease 1 @1 n=3\nunblock 2 @1\nacquire 2 @1 n=3\nresume 2 @1", ""},
	{"to the front", sem + "acquire 1 @1 n=2\nblock 2 @1 n=1 peer=-1", "event 8, block by ann at pool: only a lock's waiter may wait at the front"},
	{"released without permits", sem + "acquire 1 @1 n=2\nblock 2 @1 n=1\nrelease 1 @1 n=2\nunblock 2 @1\nresume 2 @1", "event 11, resume by ann at pool: ann was released but has not received its permits"},
	{"gets less than it asked for", sem + "acquire 1 @1 n=2\nblock 2 @1 n=2\nrelease 1 @1 n=2\nunblock 2 @1\nacquire 2 @1 n=1", "event 11, acquire by ann at pool: it takes 1 permits, but asked for 2"},

	// Barriers.
	{"cycles", three + cycle + "trip 4 @1 n=1\nunblock 3 @1\nunblock 2 @1\nresume 2 @1\nresume 3 @1\n" + cycle + "trip 4 @1 n=2\nunblock 2 @1\nunblock 3 @1\n", ""},
	{"trips too early", three + "arrive 2 @1 n=0\nblock 2 @1\narrive 3 @1 n=1\ntrip 3 @1 n=1", "event 10, trip by ben at line: only 2 of 3 parties have arrived"},
	{"trips twice", three + "arrive 2 @1 n=2\ntrip 2 @1 n=1\ntrip 2 @1 n=2", "event 9, trip by ann at line: only 0 of 3 parties have arrived"},
	{"wrong cycle", three + "arrive 2 @1 n=2\ntrip 2 @1 n=4\narrive 2 @1 n=0\narrive 3 @1 n=1\narrive 4 @1 n=2\ntrip 4 @1 n=6", "event 12, trip by eve at line: this is generation 5, not 6"},
	{"index twice", three + "arrive 2 @1 n=0\nblock 2 @1\narrive 3 @1 n=0", "event 9, arrive by ben at line: its index is 0, the next is 1"},
	{"index left out", three + "arrive 2 @1 n=0\nblock 2 @1\narrive 3 @1 n=2", "event 9, arrive by ben at line: its index is 2, the next is 1"},
	{"index too large", three + "arrive 2 @1 n=3", "event 7, arrive by ann at line: its index is 3, of 3 parties"},
	{"somebody is left behind", three + "arrive 2 @1 n=0\nblock 2 @1\narrive 3 @1 n=1\nblock 3 @1\narrive 4 @1 n=2\ntrip 4 @1 n=1\nunblock 2 @1\narrive 4 @1 n=0", "event 14, arrive by eve at line: waiters that must be released first: 1"},
	{"released before it trips", three + "arrive 2 @1 n=0\nblock 2 @1\nunblock 2 @1", "event 9, unblock by ann at line: its generation has neither tripped nor failed"},
	{"waits without arriving", three + "block 2 @1", "event 7, block by ann at line: it has not arrived"},
	{"parties older than the trace", three + "arrive 4 @1 n=2\ntrip 4 @1 n=7\nunblock 2 @1\nunblock 3 @1\nresume 2 @1\narrive 2 @1 n=0", ""},
	{"broken", three + "arrive 2 @1 n=0\nblock 2 @1\nbreak 1 @1 n=3 'why\nunblock 2 @1\nresume 2 @1\nreset 1 @1\narrive 2 @1 n=0", ""},
	{"somebody is left in the ruins", three + "arrive 2 @1 n=0\nblock 2 @1\nbreak 1 @1 n=3 'why\nreset 1 @1", "event 10, reset by main at line: waiters that must be released first: 1"},
	{"broken twice", three + "break 1 @1 n=3\nbreak 2 @1 n=3", "event 8, break by ann at line: it is broken"},
	{"arrives at what is broken", three + "break 1 @1 n=3\narrive 2 @1 n=0", "event 8, arrive by ann at line: the barrier is broken"},
	{"gives up and breaks it", three + "arrive 2 @1 n=0\nblock 2 @1\narrive 3 @1 n=1\nblock 3 @1\ngive-up 2 @1 n=1\nbreak 2 @1 n=1\nunblock 3 @1\nresume 3 @1", ""},
	{"gives up and does not break it", three + "arrive 2 @1 n=0\nblock 2 @1\ngive-up 2 @1 n=1\narrive 3 @1 n=1", "event 10, arrive by ben at line: a party gave up, but the barrier did not break"},
	{"reset", three + "arrive 2 @1 n=0\nblock 2 @1\nreset 1 @1\nunblock 2 @1\nresume 2 @1\narrive 2 @1 n=0", ""},
	{"reset leaves somebody", three + "arrive 2 @1 n=0\nblock 2 @1\nreset 1 @1\narrive 3 @1 n=0", "event 10, arrive by ben at line: waiters that must be released first: 1"},
	{"action", three + action + "action-end 4 @1\ntrip 4 @1 n=1\nunblock 2 @1\nunblock 3 @1\nresume 2 @1\nresume 3 @1", ""},
	{"action fails", three + action + "action-end 4 @1 'bad luck\nunblock 2 @1\nunblock 3 @1\nbreak 4 @1 n=4 'bad luck\nresume 2 @1\nresume 3 @1", ""},
	{"action fails, and leaves somebody", three + action + "action-end 4 @1 'bad luck\nunblock 2 @1\nbreak 4 @1 n=4 'bad luck", "event 16, break by eve at line: waiters that must be released first: 1"},
	{"broken during the action: only the next cycle", three + action + `
		arrive 5 @1 n=0
		block 5 @1
		break 1 @1 n=3
		unblock 5 @1
		action-end 4 @1
		trip 4 @1 n=1
		unblock 2 @1
		unblock 3 @1`, ""},
	{"broken during the action: not this cycle", three + action + "break 1 @1 n=3\nunblock 2 @1", "event 15, unblock by ann at line: its generation has neither tripped nor failed"},
	{"two actions", three + action + "action-begin 1 @1", "event 14, action-begin by main at line: eve runs the action"},
	{"action too early", three + "arrive 2 @1 n=0\nblock 2 @1\narrive 3 @1 n=1\naction-begin 3 @1", "event 10, action-begin by ben at line: only 2 of 3 parties have arrived"},
	{"the action of another", three + action + "action-end 4 @1\ntrip 4 @1 n=1\nunblock 2 @1\nunblock 3 @1\naction-end 4 @1", "event 18, action-end by eve at line: it does not run the action"},
	{"the next cycle waits for its action", people + `
		define-g 5
		define-obj @1 class=barrier n=1 'line
		arrive 2 @1 n=0
		action-begin 2 @1
		arrive 3 @1 n=0
		block 3 @1 'act
		action-end 2 @1
		trip 2 @1 n=1
		unblock 3 @1
		resume 3 @1
		action-begin 3 @1
		action-end 3 @1
		trip 3 @1 n=2`, ""},

	// Conds.
	{"notify", cond + "block 2 @1\nblock 3 @1\nblock 4 @1\nnotify 1 @1 n=2\nunblock 2 @1\nunblock 3 @1\nresume 2 @1\nresume 3 @1\nnotify 1 @1 n=1\nunblock 4 @1\nresume 4 @1\nnotify 1 @1 n=0", ""},
	{"told late", cond + "block 4 @1\nblock 2 @1\nblock 3 @1 peer=1\nnotify 1 @1 n=2\nunblock 4 @1\nunblock 3 @1\nnotify 1 @1 n=1\nunblock 2 @1", ""},
	{"told late, notified early", cond + "block 2 @1\nblock 3 @1 peer=1\nnotify 1 @1 n=1\nunblock 2 @1", "event 11, unblock by ann at full: ben has waited longer"},
	{"told late, behind those of before", cond + "block 2 @1\nblock 3 @1 peer=7\nnotify 1 @1 n=2\nunblock 3 @1\nunblock 2 @1", ""},
	{"before others, at a semaphore", sem + "acquire 1 @1 n=2\nblock 2 @1 n=1\nblock 3 @1 n=1 peer=1", "event 9, block by ben at pool: only a condition variable's waiter may wait ahead of others"},
	{"notifies the last", cond + "block 2 @1\nblock 3 @1\nnotify 1 @1 n=1\nunblock 3 @1", "event 11, unblock by ben at full: ann has waited longer"},
	{"notifies more than wait", cond + "block 2 @1\nnotify 1 @1 n=2", "event 9, notify by main at full: 1 wait, but it notifies 2"},
	{"notifies, and nobody wakes", cond + "block 2 @1\nnotify 1 @1 n=1\nnotify 1 @1 n=0", "event 10, notify by main at full: waiters that must be released first: 1"},
	{"wakes without notification", cond + "block 2 @1\nunblock 2 @1", "event 9, unblock by ann at full: no earlier event has released it"},

	// Queues.
	{"queue", queue + "put 1 @1 n=1\nput 1 @1 n=2 peer=1\nget 2 @1 n=1\ntask-done 2 @1 n=1\nput 1 @1 n=3 peer=1\nget 2 @1 n=2\nget 2 @1 n=3\ntask-done 2 @1 n=1\ntask-done 2 @1 n=0", ""},
	{"taken twice", queue + "put 1 @1 n=1\nget 2 @1 n=1\nget 3 @1 n=1", "event 9, get by ben at orders: item 1 is not in it"},
	{"put twice", queue + "put 1 @1 n=1\nput 1 @1 n=1 peer=1", "event 8, put by main at orders: item 1 is already in it"},
	{"full", queue + "put 1 @1 n=1\nput 1 @1 n=2 peer=1\nput 1 @1 n=3 peer=2", "event 9, put by main at orders: the queue is full: its capacity is 2"},
	{"out of order", queue + "put 1 @1 n=1\nput 1 @1 n=2 peer=1\nget 2 @1 n=2", "event 9, get by ann at orders: item 1 is the next, not 2"},
	{"into the middle", queue + "put 1 @1 n=1\nput 1 @1 n=2", "event 8, put by main at orders: item 2 is put at position 0"},
	{"stack", people + "define-obj @1 class=stack 'pile\nput 1 @1 n=1\nput 1 @1 n=2\nget 2 @1 n=2\nget 2 @1 n=1", ""},
	{"put back before another", queue + "put 1 @1 n=1\nput 1 @1 n=2 peer=1\nget 2 @1 n=1\nrequeue 2 @1 n=3", "event 10, requeue by ann at orders: item 3 is put at position 0"},
	{"taken back", queue + "put 1 @1 n=1\nput 1 @1 n=2 peer=1\nget 2 @1 n=1\nrequeue @1 n=3\nget 3 @1 n=3\nget 2 @1 n=2", ""},
	{"stack, at the bottom", people + "define-obj @1 class=stack 'pile\nput 1 @1 n=1\nput 1 @1 n=2 peer=1", "event 8, put by main at pile: item 2 is put at position 1"},
	{"priority", people + "define-obj @1 class=priority-queue 'jobs\nput 1 @1 n=1\nput 1 @1 n=2 peer=1\nput 1 @1 n=3 peer=1\nget 2 @1 n=1\nget 2 @1 n=3\nget 2 @1 n=2", ""},
	{"not the smallest", people + "define-obj @1 class=priority-queue 'jobs\nput 1 @1 n=1\nput 1 @1 n=2\nget 2 @1 n=1", "event 9, get by ann at jobs: item 2 is the next, not 1"},
	{"items older than the trace", queue + "get 2 @1 n=7\nput 1 @1 n=9 peer=1\nget 2 @1 n=8\nget 2 @1 n=9", ""},
	{"taken twice, older", queue + "get 2 @1 n=7\nget 2 @1 n=7", "event 8, get by ann at orders: item 7 is not in it"},
	{"two queues of waiters", queue + `
		block 2 @1 'Get
		block 3 @1 'Join
		block 4 @1 'Get
		put 1 @1 n=1
		unblock 2 @1 peer=1
		get 2 @1 n=1
		resume 2 @1
		put 1 @1 n=2
		unblock 4 @1 peer=1
		get 4 @1 n=2
		resume 4 @1
		task-done 2 @1 n=1
		task-done 2 @1 n=0
		unblock 3 @1 peer=2
		resume 3 @1`, ""},
	{"consumer out of turn", queue + "block 2 @1 'Get\nblock 4 @1 'Get\nput 1 @1 n=1\nunblock 4 @1", "event 10, unblock by eve at orders: ann has waited longer"},
	{"consumer overtakes", queue + "block 2 @1 'Get\nput 1 @1 n=1\nget 1 @1 n=1", "event 9, get by main at orders: ann has waited longer"},
	{"producer overtakes", queue + "put 1 @1 n=1\nput 1 @1 n=2 peer=1\nblock 2 @1 'Put\nget 3 @1 n=1\nput 3 @1 n=3 peer=1", "event 11, put by ben at orders: ann has waited longer"},
	{"too much done", queue + "put 1 @1 n=1\ntask-done 2 @1 n=0\ntask-done 2 @1 n=0", "event 9, task-done by ann at orders: the number of unfinished items is 0, not 0"},
	{"account does not add up", queue + "put 1 @1 n=1\ntask-done 2 @1 n=0\nput 1 @1 n=2 peer=1\ntask-done 2 @1 n=1", "event 10, task-done by ann at orders: the number of unfinished items is 0, not 1"},
	{"joins what is done", queue + "put 1 @1 n=1\ntask-done 1 @1 n=0\npass 2 @1", ""},
	{"joins what is not done", queue + "put 1 @1 n=1\nput 1 @1 n=2 peer=1\ntask-done 1 @1 n=1\npass 2 @1", "event 10, pass by ann at orders: the number of unfinished items is 1"},
	{"close", queue + "put 1 @1 n=1\nclose 1 @1\nget 2 @1 n=1", ""},
	{"discard", queue + "put 1 @1 n=1\nput 1 @1 n=2 peer=1\nclose 1 @1 n=2\nget 2 @1 n=1", "event 10, get by ann at orders: item 1 is not in it"},
	{"discards half", queue + "put 1 @1 n=1\nput 1 @1 n=2 peer=1\nclose 1 @1 n=1", "event 9, close by main at orders: the number of items is 2, but it drops 1"},
	{"put into what is closed", queue + "close 1 @1\nput 1 @1 n=1", "event 8, put by main at orders: the queue is closed"},

	// Futures.
	{"future", future + "submit 1 @1 peer=2\nblock 1 @1\ntask-start 2 @1\nsettle 2 @1 n=3 '42\nunblock 1 @1\nresume 1 @1\npass 3 @1\ncancel 1 @2\nclose 1 @2", ""},
	{"submitted twice", future + "submit 1 @1 peer=2\nsubmit 1 @1 peer=2", "event 9, submit by main at task: it was submitted before"},
	{"begun twice", future + "submit 1 @1 peer=2\ntask-start 2 @1\ntask-start 3 @1", "event 10, task-start by ben at task: it has begun or is settled"},
	{"begun though canceled", future + "submit 1 @1 peer=2\nsettle 1 @1 n=5\ntask-start 3 @1", "event 10, task-start by ben at task: it has begun or is settled"},
	{"settled twice", future + "settle 2 @1 n=3\nsettle 2 @1 n=4", "event 9, settle by ann at task: it is settled"},
	{"settled as pending", future + "settle 2 @1 n=1", "event 8, settle by ann at task: 1 is not a settled state"},
	{"released before it is settled", future + "submit 1 @1 peer=2\nblock 1 @1\nunblock 1 @1", "event 10, unblock by main at task: the future is not settled"},
	{"passes before it is settled", future + "submit 1 @1 peer=2\npass 1 @1", "event 9, pass by main at task: the future is not settled"},
	{"waits for what is settled", future + "settle 2 @1 n=3\nblock 1 @1", "event 9, block by main at task: the future is settled"},

	// Channels.
	{"the receiver waits", unbuf + "block 2 @1 'receive\nput 1 @1 n=1\nunblock 2 @1 peer=1\nget 2 @1 n=1\nresume 2 @1", ""},
	{"the sender waits", unbuf + "block 2 @1 'send\nunblock 2 @1 peer=1\nput 2 @1 n=1\nget 1 @1 n=1\nresume 2 @1", ""},
	{"nobody takes it", unbuf + "put 1 @1 n=1\nput 2 @1 n=2", "event 8, put by ann at c: the channel has no buffer, and item 1 has not been taken"},
	{"nobody takes it, to the end", unbuf + "put 1 @1 n=1", "at the end, at c: the channel has no buffer, and item 1 has not been taken"},
	{"buffer", buf + "put 1 @1 n=1\nput 1 @1 n=2\nblock 1 @1 'send\nget 2 @1 n=1\nunblock 1 @1 peer=2\nput 1 @1 n=3\nget 2 @1 n=2\nget 2 @1 n=3\nresume 1 @1", ""},
	{"more than the buffer", buf + "put 1 @1 n=1\nput 1 @1 n=2\nput 1 @1 n=3\nlog 1\nclose 1 @1", "event 11, close by main at c: the buffer is full: its capacity is 2"},
	{"not the first", buf + "put 1 @1 n=1\nput 1 @1 n=2\nget 2 @1 n=2", "event 9, get by ann at c: item 1 is the next, not 2"},
	{"a receiver out of turn", unbuf + "block 2 @1 'receive\nblock 3 @1 'receive\nput 1 @1 n=1\nunblock 3 @1 peer=1", "event 10, unblock by ben at c: ann has waited longer"},
	{"a sender overtakes", buf + "put 1 @1 n=1\nput 1 @1 n=2\nblock 2 @1 'send\nget 3 @1 n=1\nput 3 @1 n=3", "event 11, put by ben at c: ann has waited longer"},
	{"a receiver released for nothing", unbuf + "block 2 @1 'receive\nunblock 2 @1", "event 8, unblock by ann at c: there is nothing in the channel, and it is not closed"},
	{"close and drain", buf + "put 1 @1 n=1\nclose 1 @1\nget 2 @1 n=1\npass 2 @1", ""},
	{"close releases all", unbuf + "block 2 @1 'receive\nblock 3 @1 'receive\nclose 1 @1\nunblock 2 @1 peer=1\nunblock 3 @1 peer=1\nresume 3 @1\nresume 2 @1", ""},
	{"close releases one of two", unbuf + "block 2 @1 'receive\nblock 3 @1 'receive\nclose 1 @1\nunblock 2 @1 peer=1\npass 1 @1", "event 11, pass by main at c: waiters that must be released first: 1"},
	{"closed twice", unbuf + "close 1 @1\nclose 2 @1", "event 8, close by ann at c: the channel is closed"},
	{"sent after close", unbuf + "close 1 @1\nput 1 @1 n=1", "event 8, put by main at c: the channel is closed"},
	{"waits at what is closed", unbuf + "close 1 @1\nblock 1 @1 'receive", "event 8, block by main at c: the channel is closed"},
	{"finds it closed though it is not", unbuf + "pass 1 @1", "event 7, pass by main at c: the channel is not closed"},
	{"finds it closed though it is not empty", buf + "put 1 @1 n=1\nclose 1 @1\npass 1 @1", "event 9, pass by main at c: the number of items in it is 1"},
	{"closing drops items", buf + "put 1 @1 n=1\nclose 1 @1 n=1", "event 8, close by main at c: closing a channel drops nothing, but it drops 1"},
	{"released from the nil channel", people + "define-obj @1 class=nil-chan 'nil\nblock 2 @1 'send\nunblock 2 @1", "event 8, unblock by ann at nil: nothing ever releases a wait on the nil channel"},
	{"select", chosen + `
		watch 2 @1 peer=3 n=1 'receive
		watch 2 @2 peer=3 n=2 'send
		block 2 @3 'select
		put 1 @1 n=1
		unblock 2 @3 peer=1
		get 2 @1 n=1
		resume 2 @3
		watch 2 @1 peer=3 n=1 'send
		block 2 @3 'select
		unblock 2 @3 peer=1
		put 2 @1 n=2
		get 1 @1 n=2
		resume 2 @3
		block 2 @3 'select
		give-up 2 @3 n=2`, ""},
	{"select without cases", chosen + "block 2 @3 'select\nunblock 2 @3", "event 10, unblock by ann at select of ann: it has no cases"},
	{"watched for no select", chosen + "watch 2 @1 peer=2 'send", "event 9, watch by ann at c: nil is not a select"},
	{"watched for who waits already", chosen + "block 2 @3 'select\nwatch 3 @1 peer=3 'send", "event 10, watch by ben at c: ann waits there"},

	// RWMutexes.
	{"readers and a writer", rw + `
		acquire 1 @1 n=1 'RLock
		acquire 2 @1 n=1 'RLock
		block 3 @1 'Lock
		release 1 @1 'RUnlock
		release 2 @1 'RUnlock
		unblock 3 @1 peer=2
		acquire 3 @1 n=1 'Lock
		resume 3 @1
		release 1 @1 'Unlock
		acquire 1 @1 n=1 'TryRLock`, ""},
	{"downgraded", rw + "acquire 1 @1 n=1 'LockContext\nacquire 1 @1 n=1 'Downgrade\nacquire 2 @1 n=1 'RLockTimeout\nrelease 2 @1 'RUnlock\nrelease 1 @1 'RUnlock\nacquire 2 @1 n=1 'Lock", ""},
	{"downgraded by no writer", rw + "acquire 1 @1 n=1 'RLock\nacquire 1 @1 n=1 'Downgrade", "event 8, acquire by main at rw: it is not held"},
	{"a writer beside one who was downgraded", rw + "acquire 1 @1 n=1 'Lock\nacquire 1 @1 n=1 'Downgrade\nacquire 2 @1 n=1 'TryLock", "event 9, acquire by ann at rw: 1 read it"},
	{"read before the trace", people + "define-obj @1 class=rwmutex n=3 'rw\nrelease 2 @1 'RUnlock\nacquire 2 @1 n=1 'Lock", "event 8, acquire by ann at rw: 1 read it"},
	{"a reader beside a writer", rw + "acquire 1 @1 n=1 'Lock\nacquire 2 @1 n=1 'RLock", "event 8, acquire by ann at rw: main holds it"},
	{"a writer beside a reader", rw + "acquire 1 @1 n=1 'RLock\nacquire 2 @1 n=1 'Lock", "event 8, acquire by ann at rw: 1 read it"},
	{"unlocked by no writer", rw + "acquire 1 @1 n=1 'RLock\nrelease 1 @1 'Unlock", "event 8, release by main at rw: it is not held"},
	{"unlocked by no reader", rw + "acquire 1 @1 n=1 'Lock\nrelease 1 @1 'RUnlock", "event 8, release by main at rw: it is not held for reading"},
	{"locked for writing before the trace", people + "define-obj @1 class=rwmutex n=1 'rw\nacquire 2 @1 n=1 'RLock", "event 7, acquire by ann at rw: an unknown goroutine holds it"},

	// WaitGroups.
	{"counter", wg + "add 1 @1 n=2\nblock 1 @1 'Wait\nadd 2 @1 n=1\nadd 3 @1\nunblock 1 @1 peer=3\nresume 1 @1\npass 2 @1", ""},
	{"below 0", wg + "add 1 @1 n=-1", "event 7, add by main at wg: the counter is -1"},
	{"waits for 0 at 0", wg + "block 1 @1 'Wait", "event 7, block by main at wg: the counter is 0"},
	{"passes at 2", wg + "add 1 @1 n=2\npass 1 @1", "event 8, pass by main at wg: the counter is 2"},
	{"released at 1", wg + "add 1 @1 n=1\nblock 1 @1 'Wait\nunblock 1 @1", "event 9, unblock by main at wg: no earlier event has released it"},
	{"forgotten at 0", wg + "add 1 @1 n=1\nblock 1 @1 'Wait\nadd 2 @1\nadd 2 @1 n=1", "event 10, add by ann at wg: waiters that must be released first: 1"},

	// Onces.
	{"once", once + "action-begin 1 @1\nblock 2 @1 'Do\naction-end 1 @1\nunblock 2 @1 peer=1\nresume 2 @1\npass 3 @1", ""},
	{"twice", once + "action-begin 1 @1\naction-end 1 @1\naction-begin 2 @1", "event 9, action-begin by ann at once: the function has run"},
	{"two at once", once + "action-begin 1 @1\naction-begin 2 @1", "event 8, action-begin by ann at once: main runs the function"},
	{"ended by another", once + "action-begin 1 @1\naction-end 2 @1", "event 8, action-end by ann at once: it does not run the function"},
	{"passes before it has run", once + "action-begin 1 @1\npass 2 @1", "event 8, pass by ann at once: the function has not run"},
	{"waits though it has run", once + "action-begin 1 @1\naction-end 1 @1\nblock 2 @1 'Do", "event 9, block by ann at once: the function has run"},
	{"released before it has run", once + "action-begin 1 @1\nblock 2 @1 'Do\nunblock 2 @1", "event 9, unblock by ann at once: main runs the function"},
	{"fails, and the next tries", once + "action-begin 1 @1\nblock 2 @1 'DoContext\nblock 3 @1 'Do\naction-end 1 @1 n=1 'no\nunblock 2 @1 peer=1\naction-begin 2 @1\nresume 2 @1\naction-end 2 @1\nunblock 3 @1 peer=2\nresume 3 @1", ""},
	{"tries out of turn", once + "action-begin 1 @1\nblock 2 @1 'Do\nblock 3 @1 'Do\naction-end 1 @1 n=1\nunblock 3 @1 peer=1", "event 11, unblock by ben at once: ann has waited longer"},
	{"tries before those who wait", once + "action-begin 1 @1\nblock 2 @1 'Do\naction-end 1 @1 n=1\naction-begin 3 @1", "event 10, action-begin by ben at once: ann has waited longer"},
	{"begins, and is told after those who wait for that", once + "block 2 @1 'Do\naction-begin 1 @1\naction-end 1 @1\nunblock 2 @1 peer=1\nresume 2 @1", ""},
	{"waits after it has failed", once + "action-begin 1 @1\naction-end 1 @1 n=1\npass 2 @1", "event 9, pass by ann at once: the function has not run"},
	{"runs before the trace", people + "define-obj @1 class=once n=2 'once\naction-end 2 @1\npass 3 @1", ""},

	// Timers, and the rest of plain Go.
	{"timer", timer + "set 1 @1 n=5000000\nfire @1 n=9000000\nfire @1\nset 2 @1 n=1\nclear 2 @1", ""},
	{"goes off though it is stopped", timer + "set 1 @1 n=5000000\nclear 2 @1\nfire @1", "event 9, fire at timer: the timer is not set"},
	{"sleeps", people + "define-obj @1 class=clock 'clock\nblock 2 @1 n=5000000 'Sleep\nunblock 2 @1\nresume 2 @1", ""},
	{"fails", people + "define-obj @1 class=atomic 'n\nread 1 @1 '7\nwrite 2 @1 '8\nfail 2 @1 'panic: 8\nfail 'deadlock", ""},
	{"lost: of plain Go", buf + `
		define-obj @2 class=waitgroup n=2 'wg
		define-obj @3 class=rwmutex n=1 'rw
		define-obj @4 class=once 'once
		define-obj @5 class=timer 'timer
		dropped n=1
		get 1 @1 n=7
		pass 1 @1
		block 1 @2 'Wait
		unblock 1 @2
		acquire 2 @3 n=1 'RLock
		acquire 2 @3 n=1 'Lock
		pass 3 @4
		fire @5`, ""},

	// After a loss the Validator knows less.
	{"lost: a lock", mutex + "acquire 1 @1 n=1\ndropped n=1\nacquire 2 @1 n=1\nacquire 3 @1 n=1", "event 10, acquire by ben at room: ann holds it"},
	{"lost: permits", sem + "acquire 1 @1 n=2\ndropped n=1\nacquire 2 @1 n=2\nacquire 3 @1 n=2", ""},
	{"lost: a queue", sem + "acquire 1 @1 n=2\nblock 2 @1 n=1\nblock 3 @1 n=1\ndropped n=1\nunblock 3 @1\nacquire 3 @1 n=1\nresume 3 @1\nlog 2", ""},
	{"lost: not the order of those who come later", sem + "dropped n=1\nblock 2 @1 n=1\nblock 3 @1 n=1\nunblock 3 @1", "event 10, unblock by ben at pool: ann has waited longer"},
	{"lost: a barrier", three + "arrive 2 @1 n=0\nblock 2 @1\ndropped n=1\narrive 4 @1 n=2\ntrip 4 @1 n=1\nunblock 2 @1\nunblock 3 @1", ""},
	{"lost: an event", door + "block 2 @1\nset 1 @1 n=1\ndropped n=1\nblock 3 @1\nset 1 @1 n=1\nunblock 3 @1", ""},
	{"lost: items", queue + "put 1 @1 n=1\ndropped n=1\nget 2 @1 n=2\nput 1 @1 n=3 peer=1\nget 2 @1 n=3", ""},
	{"watched", group + "submit 1 @1 peer=2\nwatch 1 @1 peer=3 n=1\nblock 1 @3\nsettle 2 @1 n=3\nunblock 1 @3 peer=2", ""},
	{"watched, from before", group + "watch 1 @1 peer=3 n=4\nsettle 1 @1 n=3", ""},
	{"watched for no group", group + "watch 1 @1 peer=2 n=1", "event 9, watch by main at task: workers is not a group"},
	{"watched for nothing", group + "watch 1 @1 peer=9 n=1", "event 9, watch by main at task: object 9 is not defined"},
	{"watched in no state", group + "watch 1 @1 peer=3 n=6", "event 9, watch by main at task: 6 is not a state"},
	{"watched in another state", group + "submit 1 @1 peer=2\nwatch 1 @1 peer=3 n=2", "event 10, watch by main at task: the future is in state 1, not 2"},
	{"watches no future", group + "watch 1 @2 peer=3 n=1", "event 9, watch by main at workers: this cannot happen to an object of class executor"},
	{"lost: a future", future + "submit 1 @1 peer=2\ndropped n=1\nblock 1 @1\nunblock 1 @1", ""},
}

const (
	cycle = `
		arrive 2 @1 n=0
		block 2 @1
		arrive 3 @1 n=1
		block 3 @1
		arrive 4 @1 n=2
	`
	action = "define-g 5\n" + cycle + "action-begin 4 @1\n"
)

func TestValidatorRules(t *testing.T) {
	for _, c := range ruleTests {
		if got := firstError(t, NewValidator(), c.stream); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestValidatorAllowsWaiting(t *testing.T) {
	v := NewValidator()
	v.AllowWaiting = true
	if got := firstError(t, v, door+"block 2 @1\nend"); got != "" {
		t.Errorf("error %q", got)
	}
	v = NewValidator()
	v.AllowWaiting = true
	if got := firstError(t, v, door+"block 2 @1\nset 1 @1 n=1\nend"); got == "" {
		t.Error("a goroutine that had to be released may not wait")
	}
}

func TestValidatorGoesOn(t *testing.T) {
	v := NewValidator()
	var failed []uint64
	for _, ev := range script(t, mutex+"acquire 1 @1 n=1\nacquire 2 @1 n=1\nrelease 2 @1\nacquire 3 @1 n=1\nrelease 3 @1\nrelease 3 @1\nlog 3 seq=20\nlog 3") {
		var e *ViolationError
		switch err := v.Event(ev); {
		case err == nil:
		case !errors.As(err, &e):
			t.Fatalf("%T", err)
		default:
			failed = append(failed, e.Event.Seq)
		}
	}
	if len(failed) != 3 || failed[0] != 8 || failed[1] != 12 || failed[2] != 20 {
		t.Errorf("errors at %v, want them at 8, 12 and 20", failed)
	}
}

// The Recorder's part of a long trace is a valid stream, wherever its ring ends.
func TestRecorderStreamIsValid(t *testing.T) {
	all := script(t, sem+strings.Repeat("define-pc pc=1\nacquire 1 @1 n=2 pc=1\nblock 2 @1 n=1\nrelease 1 @1 n=2\nunblock 2 @1 peer=1\nacquire 2 @1 n=1\nresume 2 @1\nrelease 2 @1 n=1\n", 30)+"end")
	for size := 1; size <= len(all); size++ {
		r := NewRecorder(size)
		live, last := NewValidator(), NewValidator()
		for i, ev := range all {
			r.Event(ev)
			if i%97 == 0 || i == len(all)-1 {
				for _, ev := range r.Drain(nil) {
					if err := live.Event(ev); err != nil {
						t.Fatalf("drained, capacity %d: %v", size, err)
					}
				}
			}
		}
		for _, ev := range r.Events() {
			if err := last.Event(ev); err != nil {
				t.Fatalf("kept, capacity %d: %v", size, err)
			}
		}
		if err := errors.Join(live.Finish(), last.Finish()); err != nil {
			t.Fatalf("capacity %d: %v", size, err)
		}
	}
}

// The zero Validator is ready to use.
func TestValidatorZero(t *testing.T) {
	var v Validator
	if err := v.Finish(); err == nil {
		t.Error("Finish accepts a trace that has not begun")
	}
	if got := firstError(t, new(Validator), sem+"acquire 1 @1 n=3"); !strings.Contains(got, "permits available: 2") {
		t.Errorf("%q", got)
	}
}

// The cost of a loss does not depend on the amount known. Nothing here is timed: if each loss visited everything
// known, this test would exceed the test run's time limit.
func TestValidatorManyLosses(t *testing.T) {
	const n = 200_000
	var v Validator
	seq := uint64(0)
	send := func(ev Event) {
		seq++
		ev.Seq = seq
		if err := v.Event(ev); err != nil {
			t.Fatal(err)
		}
	}
	send(Event{Kind: KindBegin})
	for i := range int64(n) {
		send(Event{Kind: KindDefineG, G: i + 1})
		send(Event{Kind: KindDefineObj, Obj: ID(i + 1), Class: ClassMutex})
	}
	for range n {
		send(Event{Kind: KindDropped, N: 1})
		send(Event{Kind: KindLog, G: 1})
	}
}

// BenchmarkValidator checks 140,000 events of queue consumers that also use a lock.
func BenchmarkValidator(b *testing.B) {
	events := script(b, people+"define-g 5\ndefine-obj @1 class=queue n=2 'q\ndefine-obj @2 class=mutex 'm")
	for item := range int64(20_000) {
		g := item%3 + 2
		for _, ev := range []Event{
			{Kind: KindBlock, G: g, Obj: 1, Text: "Get"},
			{Kind: KindPut, G: 1, Obj: 1, N: item + 1},
			{Kind: KindUnblock, G: g, Obj: 1, Peer: 1},
			{Kind: KindGet, G: g, Obj: 1, N: item + 1},
			{Kind: KindResume, G: g, Obj: 1},
			{Kind: KindAcquire, G: g, Obj: 2, N: 1},
			{Kind: KindRelease, G: g, Obj: 2},
		} {
			ev.Seq, ev.Time = uint64(len(events)+1), events[len(events)-1].Time
			events = append(events, ev)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		var v Validator
		for _, ev := range events {
			if err := v.Event(ev); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
}

// FuzzValidator feeds a Validator streams that need not make sense. It must judge them all and stay usable.
func FuzzValidator(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4})
	f.Add([]byte{byte(KindDefineObj), 0, 1, 6, 0, byte(ClassChan)}) // with a negative capacity
	for k := range kinds {
		f.Add([]byte{
			byte(KindDefineObj), 1, 1, 1, byte(k), 4, byte(KindBlock), 1, 1, 1, 0, 0, byte(k), 1, 1, 1, 0, 0,
			byte(k), 2, 1, 5, 6, 0, byte(KindDropped), 0, 0, 1, 0, 0, byte(k), 1, 1, 2, 1, 0, byte(KindUnblock), 1, 1, 1, 0, 0,
		})
	}
	numbers := []int64{0, 1, 2, 3, 4, 5, -1, -2, math.MaxInt64, math.MaxInt64 - 1, math.MinInt64, math.MinInt64 + 1, math.MaxInt32, 1 << 40}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v Validator
		number := func(b byte) int64 { return numbers[int(b)%len(numbers)] }
		for i := 0; len(data) >= 6; i++ {
			ev := Event{
				Seq: uint64(i + 1), Time: int64(i), Kind: Kind(data[0]), G: int64(data[1] % 5), Obj: ID(data[2] % 4),
				N: number(data[3]), Peer: number(data[4]), Class: Class(data[5] & 31), PC: uint64(data[5] >> 7),
			}
			switch data[5] >> 5 & 3 {
			case 1:
				ev.Text = "act"
			case 2:
				ev.Text = "Put"
			case 3:
				ev.Seq += uint64(number(data[4]))
			}
			data = data[6:]
			_ = v.Event(ev)
		}
		_ = v.Finish()
		if err := v.Event(Event{Seq: math.MaxUint64, Kind: KindBad}); err == nil {
			t.Error("it accepts an event of no kind")
		}
	})
}
