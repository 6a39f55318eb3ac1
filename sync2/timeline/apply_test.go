package timeline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

const (
	doorDef  = "define-obj @1 class=event 'door\n"
	poolDef  = "define-obj @1 class=semaphore n=3 'pool\n"
	roomDef  = "define-obj @1 class=reentrant-lock 'room\n"
	lineDef  = "define-obj @1 class=barrier n=3 'line\n"
	queueDef = "define-obj @1 class=queue n=2 'orders\n"
)

// sum describes the essentials of an object.
func sum(o *Object) string {
	var b strings.Builder
	list := func(name string, hs []Hold) {
		if len(hs) > 0 {
			fmt.Fprintf(&b, " %s", name)
			for _, h := range hs {
				fmt.Fprintf(&b, " %d:%d", h.G, h.N)
			}
		}
	}
	if len(o.Queue) > 0 {
		fmt.Fprintf(&b, " queue %v", o.Queue)
	}
	list("holders", o.Holders)
	list("passed", o.Passed)
	switch o.Class {
	case trace.ClassEvent:
		fmt.Fprintf(&b, " set %t generation %d", o.IsSet, o.Generation)
	case trace.ClassSemaphore:
		fmt.Fprintf(&b, " permits %d of %d", o.Permits, o.Size)
	case trace.ClassMutex, trace.ClassReentrantLock:
		fmt.Fprintf(&b, " owner %d depth %d", o.Owner, o.Depth)
	case trace.ClassBarrier:
		list("arrived", o.Arrived)
		list("next", o.Next)
		list("fallen", o.Fallen)
		fmt.Fprintf(&b, " cycle %d acting %d", o.Trips, o.Acting)
		if o.Broken {
			fmt.Fprintf(&b, " broken by %d: %s, %s", o.By, o.Reason, o.Cause)
		}
	case trace.ClassLocal:
		for _, v := range o.Values {
			fmt.Fprintf(&b, " %d:%s", v.G, v.Text)
		}
	case trace.ClassQueue, trace.ClassStack, trace.ClassPriorityQueue:
		for _, it := range o.Items {
			fmt.Fprintf(&b, " %s", it.Text)
		}
		fmt.Fprintf(&b, " puts %d gets %d done %d closed %t", o.Puts, o.Gets, o.Done, o.Closed)
	case trace.ClassExecutor:
		fmt.Fprintf(&b, " tasks %v", o.Tasks)
		list("busy", o.Busy)
		fmt.Fprintf(&b, " settled %d closed %t", o.Settled, o.Closed)
	case trace.ClassFuture:
		fmt.Fprintf(&b, " progress %d worker %d result %s", o.Progress, o.Worker, o.Result)
	case trace.ClassGroup:
		fmt.Fprintf(&b, " members %v of %d", o.Members, o.Watches)
	case trace.ClassChan:
		for _, it := range o.Items {
			fmt.Fprintf(&b, " %s", it.Text)
		}
		fmt.Fprintf(&b, " sent %d received %d closed %t ends %v %v", o.Puts, o.Gets, o.Closed, o.Senders, o.Receivers)
	case trace.ClassSelect:
		fmt.Fprintf(&b, " cases %v chosen %d", o.Cases, o.Chosen)
	case trace.ClassRWMutex:
		fmt.Fprintf(&b, " owner %d depth %d", o.Owner, o.Depth)
	case trace.ClassWaitGroup:
		fmt.Fprintf(&b, " count %d", o.Count)
	case trace.ClassOnce:
		fmt.Fprintf(&b, " run by %d, done %t", o.Acting, o.IsSet)
	case trace.ClassTimer:
		fmt.Fprintf(&b, " set %t for %v, fired %d", o.IsSet, o.Deadline, o.Fired)
	case trace.ClassTaskGroup:
		fmt.Fprintf(&b, " team %v of %d, %d settled, closed %t", o.Team, o.Limit, o.Settled, o.Closed)
		if o.Broken {
			fmt.Fprintf(&b, ", broken by %d: %s", o.By, o.Cause)
		}
	case trace.ClassWatch:
		fmt.Fprintf(&b, " version %d: %s", o.Count, o.Result)
	case trace.ClassFlight:
		fmt.Fprintf(&b, " tasks %v", o.Tasks)
		list("busy", o.Busy)
		fmt.Fprintf(&b, " settled %d", o.Settled)
	case trace.ClassNone, trace.ClassKeyedMutex, trace.ClassCond, trace.ClassGoroutine, trace.ClassVar, trace.ClassOther, trace.ClassNilChan, trace.ClassClock, trace.ClassAtomic:
	}
	return strings.TrimSpace(b.String())
}

var objectTests = []struct{ name, stream, want string }{
	{"event, new", doorDef, "set false generation 0"},
	{"event, set before", "define-obj @1 class=event n=1 'door", "set true generation 0"},
	{"event, waited for", doorDef + "block 2 @1\nblock 3 @1", "queue [2 3] set false generation 0"},
	{"event, set", doorDef + "block 2 @1\nblock 3 @1\nset 1 @1 n=2\nunblock 2 @1\nunblock 3 @1\npass 1 @1", "passed 2:0 3:0 1:0 set true generation 0"},
	{"event, cleared", doorDef + "set 1 @1\npass 2 @1\nclear 1 @1\nclear 1 @1", "passed 2:0 set false generation 1"},
	{"event, set again", doorDef + "set 1 @1\npass 2 @1\nclear 1 @1\nset 1 @1\nset 1 @1", "set true generation 1"},

	{"semaphore", poolDef + "acquire 2 @1 n=1\nacquire 3 @1 n=1\nacquire 2 @1 n=1", "holders 2:2 3:1 permits 0 of 3"},
	{"semaphore, given back", poolDef + "acquire 2 @1 n=2\nrelease 2 @1 n=1", "holders 2:1 permits 2 of 3"},
	{"semaphore, given back by another", poolDef + "acquire 2 @1 n=1\nacquire 3 @1 n=2\nrelease 4 @1 n=2", "holders 3:1 permits 2 of 3"},
	{"semaphore, more than were taken", poolDef + "acquire 2 @1 n=1\nrelease 4 @1 n=3", "permits 5 of 5"},
	{"semaphore, taken before", "define-obj @1 class=semaphore n=1 'pool\nrelease 2 @1 n=2", "permits 3 of 3"},
	{"semaphore, handed over", poolDef + "acquire 2 @1 n=3\nblock 3 @1 n=2\nblock 4 @1\nrelease 2 @1 n=2\nunblock 3 @1\nacquire 3 @1 n=2", "queue [4] holders 2:1 3:2 permits 0 of 3"},

	{"lock", roomDef + "acquire 2 @1 n=1\nacquire 2 @1 n=2", "holders 2:2 owner 2 depth 2"},
	{"lock, one off", roomDef + "acquire 2 @1 n=1\nacquire 2 @1 n=2\nrelease 2 @1 n=1", "holders 2:1 owner 2 depth 1"},
	{"lock, free", roomDef + "acquire 2 @1 n=1\nrelease 2 @1", "owner 0 depth 0"},
	{"lock, held before", "define-obj @1 class=mutex n=1 'm", "holders 0:1 owner 0 depth 1"},
	{"lock, held before and let go", "define-obj @1 class=mutex n=1 'm\nrelease 2 @1", "owner 0 depth 0"},
	{"lock, held before by one who shows", "define-obj @1 class=reentrant-lock n=1 'm\nacquire 2 @1 n=3", "holders 2:3 owner 2 depth 3"},
	{"lock, back to the front", roomDef + "acquire 1 @1 n=1\nblock 2 @1\nblock 3 @1\nrelease 1 @1\nunblock 2 @1\nacquire 1 @1 n=1\nresume 2 @1\nblock 2 @1 peer=-1", "queue [2 3] holders 1:1 owner 1 depth 1"},

	{"cond, told late", "define-obj @1 class=cond 'c\nblock 2 @1\nblock 3 @1\nblock 4 @1 peer=1\nblock 5 @1 peer=9", "queue [5 2 4 3]"},

	{"barrier, fills", lineDef + "arrive 2 @1 n=0\nblock 2 @1\narrive 3 @1 n=1\nblock 3 @1", "queue [2 3] arrived 2:0 3:1 cycle 0 acting 0"},
	{"barrier, trips", lineDef + fills + "trip 4 @1 n=1\nunblock 2 @1\nunblock 3 @1\narrive 2 @1 n=0", "passed 2:0 3:1 4:2 arrived 2:0 cycle 1 acting 0"},
	{"barrier, action", lineDef + fills + "action-begin 4 @1", "queue [2 3] arrived 2:0 3:1 4:2 cycle 0 acting 4"},
	{"barrier, next cycle meanwhile", lineDef + fills + "action-begin 4 @1\narrive 1 @1 n=0", "queue [2 3] arrived 2:0 3:1 4:2 next 1:0 cycle 0 acting 4"},
	{"barrier, action done", lineDef + fills + "action-begin 4 @1\narrive 1 @1 n=0\naction-end 4 @1\ntrip 4 @1 n=1", "queue [2 3] passed 2:0 3:1 4:2 arrived 1:0 cycle 1 acting 0"},
	{"barrier, action failed", lineDef + fills + "action-begin 4 @1\narrive 1 @1 n=0\naction-end 4 @1 'bad luck\nbreak 4 @1 n=4 'bad luck", "queue [2 3] fallen 2:0 3:1 4:2 1:0 cycle 0 acting 0 broken by 4: action failed, bad luck"},
	{"barrier, broken during the action", lineDef + fills + "action-begin 4 @1\narrive 1 @1 n=0\nbreak 1 @1 n=3 'why", "queue [2 3] arrived 2:0 3:1 4:2 fallen 1:0 cycle 0 acting 4 broken by 1: aborted, why"},
	{"barrier, two cycles wait", lineDef + fills + "action-begin 4 @1\narrive 11 @1 n=0\narrive 12 @1 n=1\narrive 13 @1 n=2\narrive 14 @1 n=0\naction-end 4 @1\ntrip 4 @1 n=1", "queue [2 3] passed 2:0 3:1 4:2 arrived 11:0 12:1 13:2 next 14:0 cycle 1 acting 0"},
	{"barrier, broken behind a full cycle", lineDef + fills + "action-begin 4 @1\narrive 11 @1 n=0\narrive 12 @1 n=1\narrive 13 @1 n=2\narrive 14 @1 n=0\nreset 1 @1", "queue [2 3] arrived 2:0 3:1 4:2 next 11:0 12:1 13:2 fallen 14:0 cycle 0 acting 4"},
	{"barrier, an action older than the trace", lineDef + "action-begin 4 @1\narrive 1 @1 n=0", "next 1:0 cycle 0 acting 4"},
	{"barrier, broken", lineDef + "arrive 2 @1 n=0\nbreak 1 @1 n=3 'why", "fallen 2:0 cycle 0 acting 0 broken by 1: aborted, why"},
	{"barrier, reset", lineDef + "arrive 2 @1 n=0\nbreak 1 @1 n=3 'why\nreset 1 @1\narrive 3 @1 n=0", "arrived 3:0 cycle 0 acting 0"},
	{"barrier, of one", "define-obj @1 class=barrier n=1 'line\narrive 2 @1 n=0\ntrip 2 @1 n=1\narrive 3 @1 n=0\ntrip 3 @1 n=2", "passed 3:0 cycle 2 acting 0"},

	{"local", "define-obj @1 class=local 'v\nset-value 2 @1 'a\nset-value 3 @1 'b\nset-value 2 @1 'c", "2:c 3:b"},
	{"local, dropped", "define-obj @1 class=local 'v\nset-value 2 @1 'a\nset-value 3 @1 'b\ndrop-value 2 @1", "3:b"},
	{"local, of one that ends", "define-obj @1 class=local 'v\nset-value 2 @1 'a\nset-value 3 @1 'b\nexit 2", "3:b"},

	{"local, two of one", "define-obj @1 class=local 'v\ndefine-obj @2 class=local 'w\nset-value 2 @1 'a\nset-value 2 @2 'b\ndrop-value 2 @1\nset-value 3 @1 'c\nexit 2", "3:c"},
	{"queue", queueDef + "put 1 @1 n=1 'a\nput 1 @1 n=2 peer=1 'b\nget 2 @1 n=1\nput 1 @1 n=3 peer=0 'c\ntask-done 2 @1 n=2", "c b puts 3 gets 1 done 1 closed false"},
	{"queue, closed", queueDef + "put 1 @1 n=1 'a\nclose 1 @1", "a puts 1 gets 0 done 0 closed true"},
	{"queue, discarded", queueDef + "put 1 @1 n=1 'a\nput 1 @1 n=2 peer=1 'b\nget 2 @1 n=1\nclose 1 @1 n=1", "puts 2 gets 1 done 1 closed true"},
	{"queue, older items", queueDef + "get 2 @1 n=7", "puts 1 gets 1 done 0 closed false"},

	{"executor", executor + "submit 1 @2 peer=1\nsubmit 1 @3 peer=1\ntask-start 2 @2", "tasks [3] busy 2:1 settled 0 closed false"},
	{"executor, done", executor + "submit 1 @2 peer=1\nsubmit 1 @3 peer=1\ntask-start 2 @2\nsettle 2 @2 n=3 '1\nsettle 1 @3 n=5\ncancel 1 @1", "tasks [] settled 2 closed true"},
	{"group", futures + "define-obj @1 class=group n=3 'WaitAll\nwatch 2 @2 peer=1 n=1\nwatch 2 @3 peer=1 n=2", "members [2 3] of 3"},
	{"future, watched while it is pending", "define-obj @2 class=group n=1 'WaitAll\ndefine-obj @1 class=future 'f\nwatch 2 @1 peer=2 n=1", "progress 1 worker 0 result"},
	{"future, settled before", "define-obj @2 class=group n=1 'WaitAll\ndefine-obj @1 class=future 'f\nwatch 2 @1 peer=2 n=5", "progress 5 worker 0 result"},
	{"channel, handed to who waits", chanDef + "block 2 @1 'receive\nput 1 @1 n=1 'a\nunblock 2 @1 peer=1\nget 2 @1 n=1\nresume 2 @1", "sent 1 received 1 closed false ends [1] [2]"},
	{"channel, taken from who waits", chanDef + "block 2 @1 'send\nunblock 2 @1 peer=1\nput 2 @1 n=1 'a\nget 1 @1 n=1\nresume 2 @1", "sent 1 received 1 closed false ends [2] [1]"},
	{"channel, a buffer", buffer + "put 1 @1 n=1 'a\nput 1 @1 n=2 'b\nblock 1 @1 'send\nget 2 @1 n=1\nunblock 1 @1 peer=2\nput 1 @1 n=3 'c", "b c sent 3 received 1 closed false ends [1] [2]"},
	{"channel, closed", buffer + "put 1 @1 n=1 'a\nclose 3 @1\nget 2 @1 n=1\npass 4 @1", "sent 1 received 1 closed true ends [1 3] [2 4]"},
	{"channel, from time", buffer + "put @1 n=1 'a", "a sent 1 received 0 closed false ends [] []"},
	{"select", choosing, "queue [2] cases [{2 false} {4 false} {3 true}] chosen 0"},
	{"select, over", choosing + "put 1 @2 n=1\nunblock 2 @1 peer=1\nget 2 @2 n=1\nresume 2 @1", "cases [{2 false} {4 false} {3 true}] chosen 1"},
	{"select, another", choosing + "unblock 2 @1\nresume 2 @1\nwatch 2 @4 peer=1 'send\nblock 2 @1 'select", "queue [2] cases [{4 true}] chosen 0"},
	{"select, without cases", choosing + "unblock 2 @1\nresume 2 @1\nblock 2 @1 'select", "queue [2] cases [] chosen 0"},
	{"rwmutex, read", rwDef + "acquire 2 @1 n=1 'RLock\nacquire 3 @1 n=1 'RLock\nacquire 2 @1 n=1 'RLock\nblock 4 @1 'Lock", "queue [4] holders 2:2 3:1 owner 0 depth 0"},
	{"rwmutex, read no more", rwDef + "acquire 2 @1 n=1 'RLock\nacquire 3 @1 n=1 'RLock\nrelease 2 @1 'RUnlock\nrelease 4 @1 'RUnlock", "owner 0 depth 0"},
	{"rwmutex, written", rwDef + "acquire 2 @1 n=1 'Lock", "holders 2:1 owner 2 depth 1"},
	{"rwmutex, written no more", rwDef + "acquire 2 @1 n=1 'Lock\nrelease 3 @1 peer=2 'Unlock", "owner 0 depth 0"},
	{"wait group", "define-obj @1 class=waitgroup 'wg\nadd 1 @1 n=3\nblock 1 @1 'Wait\nadd 2 @1 n=2", "queue [1] count 2"},
	{"once", "define-obj @1 class=once 'once\naction-begin 2 @1\nblock 3 @1 'Do", "queue [3] run by 2, done false"},
	{"rwmutex, downgraded", rwDef + "acquire 2 @1 n=1 'Lock\nacquire 2 @1 n=1 'Downgrade\nacquire 3 @1 n=1 'RLock", "holders 2:1 3:1 owner 0 depth 0"},
	{"rwmutex, read before", "define-obj @1 class=rwmutex n=3 'rw\nrelease 2 @1 'RUnlock", "holders 0:1 owner 0 depth 0"},
	{"once, failed", "define-obj @1 class=once n=2 'once\naction-end 2 @1 n=1 'no", "run by 0, done false"},
	{"once, the next", "define-obj @1 class=once 'once\naction-begin 2 @1\nblock 3 @1 'Do\naction-end 2 @1 n=1\nunblock 3 @1 peer=2\naction-begin 3 @1", "run by 3, done false"},
	{"once, done", "define-obj @1 class=once 'once\naction-begin 2 @1\naction-end 2 @1\npass 3 @1", "run by 0, done true"},
	{"timer", "define-obj @1 class=timer 'timer\nset 1 @1 n=5000000000", "set true for 5s, fired 0"},
	{"timer, gone off", "define-obj @1 class=timer n=5000000000 'timer\nfire @1", "set false for 0s, fired 1"},
	{"timer, stopped", "define-obj @1 class=timer n=5000000000 'timer\nclear 1 @1", "set false for 5s, fired 0"},
	{"ticker", "define-obj @1 class=timer n=5000000000 'timer\nfire @1 n=10000000000", "set true for 10s, fired 1"},
	{"future", "define-obj @1 class=future 'f\nsubmit 1 @1\ntask-start 2 @1\nsettle 2 @1 n=4 'oh no", "progress 4 worker 2 result oh no"},
}

const (
	chanDef = "define-obj @1 class=chan 'c\n"
	buffer  = "define-obj @1 class=chan n=2 'c\n"
	// ann waits to receive from c or d, or to send to a nil channel.
	choosing = "define-obj @2 class=chan 'c\ndefine-obj @3 class=nil-chan 'nil\ndefine-obj @4 class=chan 'd\ndefine-obj @1 class=select 'select of ann\n" +
		"watch 2 @2 peer=1 n=1 'receive\nwatch 2 @4 peer=1 n=2 'receive\nwatch 2 @3 peer=1 n=3 'send\nblock 2 @1 'select\n"
	rwDef = "define-obj @1 class=rwmutex 'rw\n"
)

func TestObjects(t *testing.T) {
	for _, c := range objectTests {
		if got := sum(play(t, c.stream).Object(1)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// A State and its clone proceed alike and independently, from wherever they part.
func TestClonesPart(t *testing.T) {
	for _, c := range objectTests {
		events := script(t, people+c.stream)
		for cut := range events {
			a, fresh := new(State), new(State)
			for _, ev := range events[:cut] {
				_, _ = a.Apply(ev), fresh.Apply(ev)
			}
			b := a.Clone()
			for _, ev := range events[cut:] {
				_ = a.Apply(ev)
			}
			if !b.Equal(fresh) {
				t.Fatalf("%s: after event %d the clone changed with its origin", c.name, cut)
			}
			for _, ev := range events[cut:] {
				_ = b.Apply(ev)
			}
			if !a.Equal(b) {
				t.Fatalf("%s: after event %d the clone went another way", c.name, cut)
			}
		}
	}
}

const (
	fills    = "arrive 2 @1 n=0\nblock 2 @1\narrive 3 @1 n=1\nblock 3 @1\narrive 4 @1 n=2\n"
	futures  = "define-obj @2 class=future 'f\ndefine-obj @3 class=future 'g\n"
	group    = futures + "define-obj @1 class=group n=3 'some\nwatch 2 @2 peer=1 n=1\nwatch 2 @3 peer=1 n=1\n"
	executor = "define-obj @1 class=executor n=2 'pool\ndefine-obj @2 class=future peer=1 'f\ndefine-obj @3 class=future peer=1 'g\n"
)

func TestSays(t *testing.T) {
	for _, c := range []struct{ stream, want string }{
		{"", "running"},
		{"exit 2", "ended"},
		{poolDef + "acquire 2 @1 n=1", "holds pool"},
		{poolDef + "define-obj @2 class=mutex 'm\nacquire 2 @1 n=2\nacquire 2 @2 n=1", "holds pool (×2), m"},
		{doorDef + "block 2 @1", "waits for door"},
		{doorDef + "block 3 @1\nblock 2 @1", "waits for door, 2nd of 2"},
		{doorDef + "block 2 @1\nset 1 @1\nunblock 2 @1 peer=1", "released by main"},
		{doorDef + "block 2 @1\nset 1 @1\nunblock 2 @1", "released"},
		{doorDef + "block 2 @1\nset 1 @1\nunblock 2 @1\nresume 2 @1", "running"},
		{doorDef + "block 2 @1\ngive-up 2 @1 n=1 +200ms", "gave up after 0.2 s: timed out"},
		{doorDef + "block 2 @1\ngive-up 2 @1 n=2\nlog 2", "running"},
		{poolDef + "block 2 @1 n=2", "waits for 2 of pool"},
		{poolDef + "acquire 1 @1 n=3\nblock 2 @1\nrelease 1 @1 n=1\nunblock 2 @1 peer=1\nacquire 2 @1 n=1", "released by main"},
		{lineDef + "arrive 2 @1 n=0\nblock 2 @1", "waits for line, 1st of 3"},
		{lineDef + "arrive 3 @1 n=0\nblock 3 @1\narrive 2 @1 n=1\nblock 2 @1", "waits for line, 2nd of 3"},
		{lineDef + "arrive 2 @1 n=0\nblock 2 @1\nbreak 1 @1 n=3 'fire\nunblock 2 @1 peer=1", "turned away: line broken by main: fire"},
		{lineDef + "arrive 2 @1 n=0\nblock 2 @1\nreset 1 @1\nunblock 2 @1 peer=1", "turned away: line reset by main"},
		{lineDef + "arrive 2 @1 n=0\nblock 2 @1\narrive 3 @1 n=1\narrive 4 @1 n=2\naction-begin 4 @1\naction-end 4 @1 'x\nunblock 2 @1 peer=4", "turned away: line broken by eve"},
		{lineDef + "arrive 2 @1 n=0\nblock 2 @1\narrive 3 @1 n=1\narrive 4 @1 n=2\naction-begin 4 @1\nbreak 1 @1 n=3\naction-end 4 @1\ntrip 4 @1 n=1\nunblock 2 @1 peer=4", "released by eve"},
		{"define-obj @1 class=barrier n=1 'line\narrive 3 @1 n=0\naction-begin 3 @1\narrive 2 @1 n=0\nblock 2 @1 'act", "waits to run the action of line, 1st of 1"},
		{"define-obj @1 class=barrier n=1 'line\narrive 2 @1 n=0\naction-begin 2 @1", "runs the action of line"},
		{queueDef + "block 2 @1 'Put", "waits to put into orders"},
		{queueDef + "block 3 @1 'Put\nblock 2 @1 'GetContext\nblock 4 @1 'Get", "waits to get from orders, 1st of 2"},
		{queueDef + "block 2 @1 'Join", "waits until orders is done"},
		{queueDef + "block 2 @1 'Get\nclose 1 @1\nunblock 2 @1 peer=1", "turned away: orders closed by main"},
		{queueDef + "block 2 @1 'Get\nput 1 @1 n=1\nclose 1 @1\nunblock 2 @1 peer=1\nget 2 @1 n=1", "released by main"},
		{"define-obj @1 class=goroutine n=3 'ben\nblock 2 @1", "waits for the end of ben"},
		{"define-obj @1 class=future 'f\nblock 2 @1", "waits for the result of f"},
		{group + "block 2 @1 'AsCompleted", "waits for the next of 3 futures"},
		{group + "settle 3 @2 n=3\nblock 2 @1 'AsCompleted", "waits for the next of 3 futures, 1 is settled"},
		{group + "settle 3 @2 n=3\nsettle 3 @3 n=4\nblock 2 @1 'WaitAll", "waits for all of 3 futures, 2 are settled"},
		{group + "block 2 @1 'WaitAny", "waits for the first of 3 futures"},
		{group + "block 2 @1 'WaitFirstError", "waits for all of 3 futures, or one that fails"},
		{group + "settle 3 @2 n=3\nblock 2 @1 'WaitFirstError", "waits for all of 3 futures, or one that fails; 1 is settled"},
		{"define-obj @1 class=group n=1 'AsCompleted\nblock 2 @1 'AsCompleted", "waits for 1 future"},
		{chanDef + "block 2 @1 'send", "waits to send to c"},
		{chanDef + "block 3 @1 'receive\nblock 2 @1 'receive", "waits to receive from c, 2nd of 2"},
		{chanDef + "block 2 @1 'send\nclose 1 @1\nunblock 2 @1 peer=1", "turned away: c closed by main"},
		{chanDef + "block 2 @1 'receive\nclose 1 @1\nunblock 2 @1 peer=1", "released by main"},
		{choosing, "waits to receive from c or d, or to send to nil"},
		{"define-obj @1 class=select 'select\nblock 2 @1 'select", "waits in a select without cases"},
		{rwDef + "acquire 3 @1 n=1 'Lock\nblock 2 @1 'RLock", "waits for rw for reading"},
		{rwDef + "acquire 2 @1 n=1 'RLock", "holds rw for reading"},
		{rwDef + "acquire 2 @1 n=1 'Lock\nacquire 2 @1 n=1 'Downgrade", "holds rw for reading"},
		{"define-obj @1 class=once 'once\naction-begin 3 @1\nblock 2 @1 'Do\naction-end 3 @1 n=1\nunblock 2 @1 peer=3\naction-begin 2 @1\nresume 2 @1", "runs the function of once"},
		{"define-obj @1 class=waitgroup n=2 'wg\nblock 2 @1 'Wait", "waits until wg is 0, now 2"},
		{"define-obj @1 class=once 'once\naction-begin 3 @1\nblock 2 @1 'Do", "waits for once, which ben runs"},
		{"define-obj @1 class=once 'once\naction-begin 2 @1", "runs the function of once"},
		{"define-obj @1 class=clock 'clock\nblock 2 @1 n=5000000000 'Sleep", "sleeps for 5 s"},
		{"define-obj @1 class=clock 'clock\nblock 2 @1 n=5000000000 'Sleep\nunblock 2 @1", "awake again"},
		{"fail 2 'panic: oh no", "failed: panic: oh no"},
		{"block 2 @77", "waits for object-77"},
		{"define-obj @1 class=event 'a\x1b[2Jb\nblock 2 @1", `waits for a\x1b[2Jb`},
	} {
		if got := play(t, c.stream).Words().Doing(2); got != c.want {
			t.Errorf("after %q\n got %s\nwant %s", c.stream, got, c.want)
		}
	}
	if got := new(State).Words().Doing(1); got != "unknown" {
		t.Errorf("a goroutine that is not known: %s", got)
	}
}

func TestImpossible(t *testing.T) {
	for _, c := range []struct{ stream, want string }{
		{doorDef + "block 2 @1\nlog 2", "event 8 (log): ann goes on although it waits for door"},
		{doorDef + "block 2 @1\nblock 2 @1", "event 8 (block): ann goes on although it waits for door"},
		{doorDef + "block 2 @1\nresume 2 @1", "event 8 (resume): ann goes on although it waits for door"},
		{doorDef + "log 2\nunblock 2 @1", "event 8 (unblock): ann does not wait for door"},
		{doorDef + "block 2 @1\ngive-up 2 @1\ngive-up 2 @1", "event 9 (give-up): ann does not wait for door"},
		{doorDef + "pass 2 @1", "event 7 (pass): ann passes door, which is not set"},
		{"exit 2\nlog 2", "event 7 (log): ann goes on although it has ended"},
		{"spawn 2", "event 6 (spawn): ann starts no goroutine"},
		{poolDef + "acquire 2 @1 n=4", "event 7 (acquire): ann acquires 4 of pool, which has fewer permits"},
		{poolDef + "acquire 2 @1 n=-4", "event 7 (acquire): ann acquires -4"},
		{poolDef + "release 2 @1 n=-4", "event 7 (release): ann releases -4"},
		{roomDef + "acquire 2 @1 n=1\nacquire 3 @1 n=1", "event 8 (acquire): ben acquires room, which ann holds"},
		{roomDef + "release 3 @1", "event 7 (release): ben releases room, which is not held"},
		{lineDef + "break 1 @1 n=3\narrive 2 @1 n=0", "event 8 (arrive): ann arrives at line, which is broken"},
		{queueDef + "put 1 @1 n=1\nput 1 @1 n=2\nput 1 @1 n=3", "event 9 (put): main puts into orders, which is full"},
		{"define-obj @1 class=future 'f\nsettle 2 @1 n=3\nsettle 3 @1 n=3", "event 8 (settle): ben settles f, which is settled"},
		{chanDef + "acquire 2 @1 n=1\nadd 3 @1 n=-1", "event 8 (add): the counter of c is -1"},
		{rwDef + "acquire 2 @1 n=1 'RLock\nacquire 3 @1 n=1 'Lock", "event 8 (acquire): ben acquires rw, which ann holds"},
		{rwDef + "acquire 2 @1 n=1 'RLock\nrelease 2 @1 'Unlock", "event 8 (release): ann releases rw, which is not held"},
	} {
		s := new(State)
		var got error
		for _, ev := range script(t, people+c.stream) {
			if err := s.Apply(ev); err != nil {
				got = err
			}
		}
		if got == nil || got.Error() != "timeline: "+c.want {
			t.Errorf("%q\n got %v\nwant timeline: %s", c.stream, got, c.want)
		}
		play(t, "dropped n=1\n"+c.stream) // what was lost may explain it
	}
}

func TestGoroutines(t *testing.T) {
	s := play(t, "spawn 1 peer=7\n"+doorDef+"block 7 @1 +1s pc=3 'Wait\nlog 1 +250ms")
	var ids []int64
	for _, g := range s.Goroutines() {
		ids = append(ids, g.ID)
	}
	if !slices.Equal(ids, []int64{1, 2, 3, 4, 7}) {
		t.Errorf("goroutines %v", ids)
	}
	g := s.Goroutine(7)
	if g.Parent != 1 || g.Status != StatusWaiting || g.For != 1 || g.Verb != "Wait" || g.Want != 1 || s.Now()-g.Since != 250*time.Millisecond || g.Last.PC != 3 {
		t.Errorf("%+v", g)
	}
	if s.Words().GName(7) != "goroutine-7" || s.Words().GName(2) != "ann" || s.Words().GName(0) != "an unknown goroutine" || s.Words().ObjName(1) != "door" || s.Words().ObjName(9) != "object-9" || s.Words().ObjName(0) != "nothing" {
		t.Error("names")
	}
	if s.Goroutine(8) != nil || s.Object(8) != nil || len(s.Objects()) != 1 {
		t.Error("what has not appeared")
	}
	if place, of := s.QueuePosition(7); place != 1 || of != 1 {
		t.Errorf("place %d of %d", place, of)
	}
	if place, of := s.QueuePosition(1); place != 0 || of != 0 {
		t.Errorf("place of one that does not wait: %d of %d", place, of)
	}
}

func TestStream(t *testing.T) {
	s := play(t, "define-pc pc=3 'a.go:1 f\ndefine-obj @1 class=mutex 'm\ndefine-obj @2 class=cond peer=1 'c\ndropped n=5\nend +1s")
	if s.Site(3) != "a.go:1 f" || s.Site(4) != "" || s.Lost() != 5 || s.Last().Kind != trace.KindEnd || s.Last().Seq != 10 {
		t.Errorf("%q, %d lost, last %v", s.Site(3), s.Lost(), s.Last())
	}
	var src State
	_ = src.Apply(trace.Event{Kind: trace.KindDefinePC, PC: 3, N: 11, Text: "a.go:12 f\nfunc f() {\n\tmu.Lock()\n}"})
	if got := src.SourceAt(3); src.Site(3) != "a.go:12 f" || got.First != 11 || got.At != 12 || len(got.Lines) != 3 || got.Lines[1] != "\tmu.Lock()" {
		t.Errorf("the source at %q is %+v", src.Site(3), got)
	}
	for _, text := range []string{"a.go:99 f\nx", "a.go f\nx", "\nx", "a.go:1 f"} {
		if _ = src.Apply(trace.Event{Kind: trace.KindDefinePC, PC: 3, N: 1, Text: text}); text != "a.go:1 f" && len(src.SourceAt(3).Lines) > 0 {
			t.Errorf("%q has a source", text)
		}
	}
	if c := s.Children(1); len(c) != 1 || c[0].ID != 2 {
		t.Errorf("children %v", c)
	}
	if z := new(State); z.Last() != (trace.Event{}) || z.Now() != 0 {
		t.Error("the zero State")
	}
}
