package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A shot is one state of a tape, of which there is a picture in the golden file.
type shot struct {
	what  string
	scene *scene
}

// roll collects shots while a tape is made.
type roll struct {
	*tape
	shots []shot
}

func (r *roll) snap(what string) *roll {
	r.shots = append(r.shots, shot{what, r.still()})
	return r
}

const ms = time.Millisecond

func barrierRoll() []shot {
	r := &roll{tape: newTape("main", "worker-1", "worker-2", "worker-3")}
	r.object("start-line", trace.ClassBarrier, 3, "")
	r.snap("nobody has arrived")
	r.after(300*ms).arrive("worker-1", "start-line", 0)
	r.after(100*ms).arrive("worker-2", "start-line", 1)
	r.snap("one is missing")
	r.after(100*ms).do(trace.KindArrive, "worker-3", "start-line", 2).do(trace.KindActionBegin, "worker-3", "start-line", 0)
	r.snap("the action runs")
	r.after(100*ms).do(trace.KindActionEnd, "worker-3", "start-line", 0).do(trace.KindTrip, "worker-3", "start-line", 1)
	r.snap("tripped, nobody released yet")
	r.wake("worker-1", "start-line", "worker-3")
	r.snap("the first is released")
	r.wake("worker-2", "start-line", "worker-3")
	r.do(trace.KindResume, "worker-1", "start-line", 0)
	r.snap("all through")
	r.after(100*ms).arrive("worker-1", "start-line", 0)
	r.snap("the next cycle")
	return r.shots
}

func brokenRoll() []shot {
	r := &roll{tape: newTape("main", "worker-1", "worker-2", "worker-3")}
	r.object("start-line", trace.ClassBarrier, 4, "")
	r.after(300*ms).arrive("worker-1", "start-line", 0)
	r.arrive("worker-2", "start-line", 1).arrive("worker-3", "start-line", 2)
	r.after(100*ms).say(trace.KindBreak, "main", "start-line", int64(trace.ReasonAborted), "order canceled")
	r.snap("just broken")
	r.wake("worker-1", "start-line", "main")
	r.snap("the first turns back")
	r.wake("worker-2", "start-line", "main").wake("worker-3", "start-line", "main")
	r.snap("all turned back")
	r.do(trace.KindReset, "main", "start-line", 0)
	r.snap("whole again")
	r.arrive("worker-1", "start-line", 0)
	r.after(200*ms).do(trace.KindGiveUp, "worker-1", "start-line", int64(trace.ReasonTimedOut))
	r.say(trace.KindBreak, "worker-1", "start-line", int64(trace.ReasonTimedOut), "context deadline exceeded")
	r.snap("broken by one that gave up")
	return r.shots
}

func eventRoll() []shot {
	r := &roll{tape: newTape("main", "ann", "ben", "cleo")}
	r.object("go", trace.ClassEvent, 0, "")
	r.snap("closed, nobody waits")
	r.after(100*ms).block("ann", "go", "Wait", 1).block("ben", "go", "WaitTimeout", 1)
	r.snap("closed, two wait")
	r.after(200*ms).do(trace.KindGiveUp, "ben", "go", int64(trace.ReasonTimedOut))
	r.snap("one gave up")
	r.block("ben", "go", "Wait", 1)
	r.after(100*ms).do(trace.KindSet, "main", "go", 2)
	r.snap("set, still to go through")
	r.wake("ann", "go", "main").wake("ben", "go", "main")
	r.snap("all through")
	r.after(100*ms).do(trace.KindPass, "cleo", "go", 0)
	r.snap("one did not have to wait")
	r.do(trace.KindClear, "main", "go", 0).block("cleo", "go", "Wait", 1)
	r.snap("cleared: a late comer before a closed door")
	return r.shots
}

func semaphoreRoll() []shot {
	r := &roll{tape: newTape("main", "worker-1", "worker-2", "worker-3", "worker-4")}
	r.object("pool", trace.ClassSemaphore, 3, "")
	r.snap("all free")
	r.after(100*ms).do(trace.KindAcquire, "worker-1", "pool", 1).do(trace.KindAcquire, "worker-2", "pool", 2)
	r.snap("none left")
	r.block("worker-3", "pool", "AcquireN", 3).block("worker-4", "pool", "Acquire", 1)
	r.snap("two queue, one for three")
	r.say(trace.KindTryFail, "main", "pool", 1, "TryAcquire")
	r.snap("a try failed")
	r.after(100*ms).do(trace.KindRelease, "worker-1", "pool", 1)
	r.snap("one free, but not enough for the first")
	r.do(trace.KindRelease, "worker-2", "pool", 2).wake("worker-3", "pool", "worker-2").do(trace.KindAcquire, "worker-3", "pool", 3)
	r.snap("handed over")
	r.do(trace.KindResume, "worker-3", "pool", 0).do(trace.KindGiveUp, "worker-4", "pool", int64(trace.ReasonCanceled))
	r.snap("the other gave up")
	return r.shots
}

func signalsRoll() []shot {
	r := &roll{tape: newTape("giver", "taker")}
	r.object("it-is-there", trace.ClassSemaphore, 0, "").object("room", trace.ClassSemaphore, 1, "")
	r.do(trace.KindAcquire, "giver", "room", 1)
	r.snap("no signal yet; a permit that may be held")
	r.block("taker", "it-is-there", "Acquire", 1)
	r.after(100*ms).do(trace.KindRelease, "giver", "it-is-there", 1).wake("taker", "it-is-there", "giver").do(trace.KindAcquire, "taker", "it-is-there", 1)
	r.do(trace.KindResume, "taker", "it-is-there", 0)
	r.snap("one was heard")
	r.do(trace.KindRelease, "taker", "room", 1).do(trace.KindRelease, "giver", "it-is-there", 1)
	r.snap("one is left, and the permit was a signal, too")
	r.do(trace.KindAcquire, "taker", "it-is-there", 1).block("taker", "it-is-there", "Acquire", 1)
	r.snap("who was through waits again")
	return r.shots
}

func lockRoll() []shot {
	r := &roll{tape: newTape("main", "ann", "ben")}
	r.object("lock", trace.ClassReentrantLock, 0, "")
	r.snap("free")
	r.after(100*ms).do(trace.KindAcquire, "ann", "lock", 1)
	r.snap("held")
	r.do(trace.KindAcquire, "ann", "lock", 2).block("ben", "lock", "Lock", 1)
	r.snap("two deep, one waits")
	r.say(trace.KindTryFail, "main", "lock", 1, "TryLock")
	r.snap("a try bounced off")
	r.do(trace.KindRelease, "ann", "lock", 1).do(trace.KindRelease, "ann", "lock", 0)
	r.wake("ben", "lock", "ann").do(trace.KindAcquire, "ben", "lock", 1)
	r.snap("handed over")
	return r.shots
}

func mutexRoll() []shot {
	r := &roll{tape: newTape("main", "ann", "ben")}
	r.object("m", trace.ClassMutex, 1, "")
	r.snap("held since before the trace")
	r.do(trace.KindRelease, "main", "m", 0).do(trace.KindAcquire, "ann", "m", 1).block("ben", "m", "Lock", 1)
	r.snap("held, one waits")
	return r.shots
}

func localRoll() []shot {
	r := &roll{tape: newTape("main", "ann", "ben")}
	r.object("number", trace.ClassLocal, 0, "")
	r.snap("no values")
	r.say(trace.KindSetValue, "main", "number", 0, "1000")
	r.after(3*time.Second).say(trace.KindSetValue, "ann", "number", 0, `"a value that is much longer than the table is wide, as some are"`)
	r.snap("one old, one just set")
	r.do(trace.KindDropValue, "main", "number", 0).do(trace.KindExit, "ben", "", 0)
	r.snap("dropped")
	for i := range 40 {
		r.say(trace.KindSetValue, fmt.Sprintf("worker-%d", i+1), "number", 0, fmt.Sprint(i))
	}
	r.snap("more than there is room for")
	return r.shots
}

func condRoll() []shot {
	r := &roll{tape: newTape("producer", "ann", "ben")}
	r.object("m", trace.ClassMutex, 0, "").object("ready", trace.ClassCond, 0, "m")
	r.block("ann", "ready", "Wait", 1).block("ben", "ready", "Wait", 1)
	r.snap("two wait")
	r.do(trace.KindAcquire, "producer", "m", 1).do(trace.KindNotify, "producer", "ready", 1)
	r.snap("notifying")
	r.wake("ann", "ready", "producer").do(trace.KindResume, "ann", "ready", 0).block("ann", "m", "Lock", 1)
	r.snap("at the lock")
	r.do(trace.KindRelease, "producer", "m", 0).wake("ann", "m", "producer").do(trace.KindAcquire, "ann", "m", 1).do(trace.KindResume, "ann", "m", 0)
	r.after(100*ms).do(trace.KindGiveUp, "ben", "ready", int64(trace.ReasonTimedOut))
	r.snap("the other gave up")
	return r.shots
}

func queueRoll() []shot {
	r := &roll{tape: newTape("main", "washer", "dryer")}
	r.object("dishes", trace.ClassQueue, 3, "")
	r.block("dryer", "dishes", "Get", 1)
	r.snap("empty, one waits")
	r.say(trace.KindPut, "washer", "dishes", 1, "plate").wake("dryer", "dishes", "washer").do(trace.KindGet, "dryer", "dishes", 1)
	for i, dish := range []string{"cup", "bowl", "pan"} {
		r.add(trace.Event{Kind: trace.KindPut, G: r.g("washer"), Obj: r.objs["dishes"], N: int64(i + 2), Text: dish, Peer: int64(i)})
	}
	r.block("washer", "dishes", "Put", 1).block("main", "dishes", "Join", 1)
	r.snap("full, one waits to put, one joins")
	r.do(trace.KindTaskDone, "dryer", "dishes", 3).do(trace.KindClose, "dryer", "dishes", 0)
	r.snap("closed")
	return r.shots
}

func stacksRoll() []shot {
	r := &roll{tape: newTape("main", "ann")}
	r.object("stack", trace.ClassStack, 0, "").object("urgent", trace.ClassPriorityQueue, 4, "")
	for i, s := range []string{"low", "middle", "high"} {
		r.add(trace.Event{Kind: trace.KindPut, G: r.g("main"), Obj: r.objs["stack"], N: int64(i + 1), Text: s})
		r.add(trace.Event{Kind: trace.KindPut, G: r.g("main"), Obj: r.objs["urgent"], N: int64(i + 1), Text: s})
	}
	r.snap("three in each")
	for i := range 40 {
		r.add(trace.Event{Kind: trace.KindPut, G: r.g("main"), Obj: r.objs["stack"], N: int64(i + 4), Text: fmt.Sprintf("item-%d", i)})
	}
	r.do(trace.KindClose, "main", "urgent", 0)
	r.snap("more than there is room for; the other is closed")
	return r.shots
}

func executorRoll() []shot {
	r := &roll{tape: newTape("main", "worker-1", "worker-2")}
	r.object("pool", trace.ClassExecutor, 2, "")
	for _, task := range []string{"task-1", "task-2", "task-3", "task-4"} {
		r.object(task, trace.ClassFuture, 0, "pool")
		r.add(trace.Event{Kind: trace.KindSubmit, G: r.g("main"), Obj: r.objs[task], Peer: int64(r.objs["pool"])})
	}
	r.snap("all queue")
	r.do(trace.KindTaskStart, "worker-1", "task-1", 0).do(trace.KindTaskStart, "worker-2", "task-2", 0)
	r.snap("two run")
	r.say(trace.KindSettle, "worker-1", "task-1", int64(timeline.ProgressSucceeded), "42")
	r.say(trace.KindSettle, "worker-2", "task-2", int64(timeline.ProgressFailed), "no such page")
	r.say(trace.KindSettle, "main", "task-4", int64(timeline.ProgressCanceled), "")
	r.do(trace.KindTaskStart, "worker-1", "task-3", 0)
	r.snap("settled in three ways")
	r.do(trace.KindClose, "main", "pool", 0).say(trace.KindSettle, "worker-1", "task-3", int64(timeline.ProgressSucceeded), "7")
	r.do(trace.KindExit, "worker-1", "", 0).do(trace.KindExit, "worker-2", "", 0)
	r.snap("shut down")
	return r.shots
}

func groupRoll() []shot {
	r := &roll{tape: newTape("main", "worker-1", "worker-2")}
	r.object("pool", trace.ClassExecutor, 2, "").object("AsCompleted", trace.ClassGroup, 4, "")
	tasks := []string{"task-1", "task-2", "task-3", "task-4"}
	for _, task := range tasks {
		r.object(task, trace.ClassFuture, 0, "pool")
		r.add(trace.Event{Kind: trace.KindSubmit, G: r.g("main"), Obj: r.objs[task], Peer: int64(r.objs["pool"])})
	}
	r.do(trace.KindTaskStart, "worker-1", "task-1", 0)
	for i, task := range tasks {
		state := timeline.ProgressPending
		if i == 0 {
			state = timeline.ProgressRunning
		}
		r.add(trace.Event{Kind: trace.KindWatch, G: r.g("main"), Obj: r.objs[task], Peer: int64(r.objs["AsCompleted"]), N: int64(state)})
	}
	r.block("main", "AsCompleted", "AsCompleted", 1)
	r.do(trace.KindTaskStart, "worker-2", "task-2", 0)
	r.snap("two run")
	r.say(trace.KindSettle, "worker-2", "task-2", int64(timeline.ProgressFailed), "no such page").wake("main", "AsCompleted", "worker-2")
	r.snap("the first is settled")
	r.do(trace.KindResume, "main", "AsCompleted", 0).do(trace.KindTaskStart, "worker-2", "task-3", 0)
	r.snap("it is dealt with")
	r.say(trace.KindSettle, "main", "task-4", int64(timeline.ProgressCanceled), "")
	r.say(trace.KindSettle, "worker-1", "task-1", int64(timeline.ProgressSucceeded), "42")
	r.block("main", "AsCompleted", "WaitAll", 1)
	r.snap("the last one is to come")
	r.do(trace.KindGiveUp, "main", "AsCompleted", int64(trace.ReasonTimedOut))
	r.snap("given up")
	r.block("main", "task-3", "Result", 1)
	r.snap("for the result of one")
	return r.shots
}

func manyInGroupRoll() []shot {
	r := &roll{tape: newTape("main", "oracle")}
	r.object("WaitAny", trace.ClassGroup, 60, "")
	for i := range 60 {
		name := fmt.Sprintf("answer-%d", i+1)
		r.object(name, trace.ClassFuture, 0, "WaitAny") // a parent, so that there is no panel for each
		r.add(trace.Event{Kind: trace.KindWatch, G: r.g("main"), Obj: r.objs[name], Peer: int64(r.objs["WaitAny"]), N: int64(timeline.ProgressPending)})
	}
	r.block("main", "WaitAny", "WaitAny", 1)
	r.snap("none is there")
	for i := range 31 {
		r.say(trace.KindSettle, "oracle", fmt.Sprintf("answer-%d", 60-i), int64(timeline.ProgressSucceeded), "yes")
	}
	r.wake("main", "WaitAny", "oracle").do(trace.KindResume, "main", "WaitAny", 0).block("main", "WaitAny", "WaitFirstError", 1)
	r.snap("half of them are there")
	return r.shots
}

func ownPoolRoll() []shot {
	r := &roll{tape: newTape("main", "worker-1", "worker-2", "worker-3")}
	r.object("pool", trace.ClassExecutor, 4, "")
	submit := func(by string, tasks ...string) {
		for _, task := range tasks {
			r.object(task, trace.ClassFuture, 0, "pool")
			r.add(trace.Event{Kind: trace.KindSubmit, G: r.g(by), Obj: r.objs[task], Peer: int64(r.objs["pool"])})
		}
	}
	submit("main", "outer-1", "outer-2", "outer-3")
	for i := range 3 {
		r.do(trace.KindTaskStart, fmt.Sprintf("worker-%d", i+1), fmt.Sprintf("outer-%d", i+1), 0)
	}
	r.block("worker-1", "outer-3", "Result", 1)
	r.snap("one waits for another")
	r.say(trace.KindSettle, "worker-3", "outer-3", int64(timeline.ProgressSucceeded), "3").wake("worker-1", "outer-3", "worker-3")
	r.do(trace.KindResume, "worker-1", "outer-3", 0).block("worker-3", "pool", "next", 1)
	r.snap("one is idle")
	r.wake("worker-3", "pool", "main").do(trace.KindResume, "worker-3", "pool", 0)
	submit("main", "outer-4", "outer-5")
	r.do(trace.KindTaskStart, "worker-3", "outer-4", 0).do(trace.KindTaskStart, "worker-4", "outer-5", 0)
	submit("worker-2", "inner-1", "inner-2", "inner-3", "inner-4")
	r.block("worker-2", "inner-1", "Result", 1).block("worker-4", "inner-3", "Result", 1)
	r.snap("two wait for tasks that are queued")
	r.block("worker-1", "inner-4", "Result", 1).block("worker-3", "inner-2", "Result", 1)
	r.snap("a deadlock")
	return r.shots
}

func futureRoll() []shot {
	r := &roll{tape: newTape("main", "ann")}
	r.object("promise", trace.ClassFuture, 0, "").do(trace.KindSubmit, "main", "promise", 0)
	r.block("ann", "promise", "Get", 1)
	r.snap("pending")
	r.say(trace.KindSettle, "main", "promise", int64(timeline.ProgressSucceeded), "42").wake("ann", "promise", "main")
	r.snap("settled")
	return r.shots
}

func futureEndsRoll() []shot {
	r := &roll{tape: newTape("main", "ann")}
	for _, name := range []string{"runs", "fails", "is-canceled"} {
		r.object(name, trace.ClassFuture, 0, "").do(trace.KindSubmit, "main", name, 0)
	}
	r.do(trace.KindTaskStart, "ann", "runs", 0)
	r.say(trace.KindSettle, "main", "fails", int64(timeline.ProgressFailed), "no such page")
	r.say(trace.KindSettle, "main", "is-canceled", int64(timeline.ProgressCanceled), "")
	r.snap("in progress, failed, canceled")
	return r.shots
}

// What only the explorer has: variables that it watches, and counterparts of channels and the like.
func otherRoll() []shot {
	r := &roll{tape: newTape("main", "ann")}
	r.object("balance", trace.ClassVar, 0, "").object("done", trace.ClassOther, 0, "")
	r.object("rate", trace.ClassVar, 0, "")
	r.say(trace.KindWrite, "ann", "balance", 0, "100")
	r.block("main", "done", "receive", 1)
	r.snap("a variable was written, a channel waited for")
	return r.shots
}

func lostUpdateRoll() []shot {
	r := &roll{tape: newTape("ann", "ben")}
	r.object("total", trace.ClassVar, 0, "")
	r.say(trace.KindWrite, "ann", "total", 0, "0").say(trace.KindRead, "ann", "total", 0, "0").say(trace.KindWrite, "ann", "total", 0, "1")
	r.say(trace.KindRead, "ben", "total", 0, "1").say(trace.KindRead, "ann", "total", 0, "1")
	r.snap("both have read 1")
	r.say(trace.KindWrite, "ben", "total", 0, "2")
	r.snap("one has written 2")
	r.say(trace.KindWrite, "ann", "total", 0, "2")
	r.snap("the other, too: one addition is lost")
	r.say(trace.KindWrite, "ann", "total", 0, "3")
	r.snap("over its own nothing is lost")
	return r.shots
}

func deadlockRoll() []shot {
	r := &roll{tape: newTape("ann", "ben")}
	r.object("fork-1", trace.ClassMutex, 0, "").object("fork-2", trace.ClassMutex, 0, "")
	r.do(trace.KindAcquire, "ann", "fork-1", 1).do(trace.KindAcquire, "ben", "fork-2", 1)
	r.block("ann", "fork-2", "Lock", 1)
	r.snap("not yet")
	r.block("ben", "fork-1", "Lock", 1)
	r.snap("deadlock")
	return r.shots
}

func crowdRoll() []shot {
	r := &roll{tape: newTape("main")}
	r.object("gate", trace.ClassBarrier, 1000, "")
	for i := range 812 {
		r.arrive(fmt.Sprintf("worker-%d", i+1), "gate", int64(i))
	}
	r.snap("many")
	sc := r.still()
	sc.focus.g = r.gs["worker-17"]
	r.shots = append(r.shots, shot{"one in focus stays by itself", sc})
	return r.shots
}

func emptyRoll() []shot {
	r := &roll{tape: &tape{gs: map[string]int64{}, objs: map[string]trace.ID{}}}
	r.snap("before the first event")
	r.g("main")
	r.g("worker-1")
	r.snap("no primitive yet")
	return r.shots
}

func namesRoll() []shot {
	r := &roll{tape: newTape("日本語のとても長い名前", "e\u0301te\u0301", "👩‍🚀 astronaut", "tab\tand\x1b[31mred\u202e", "an-extraordinarily-long-name-17", "an-extraordinarily-long-name-18")}
	r.object("門", trace.ClassSemaphore, 2, "")
	r.do(trace.KindAcquire, "日本語のとても長い名前", "門", 1).do(trace.KindAcquire, "e\u0301te\u0301", "門", 1)
	for _, g := range []string{"👩‍🚀 astronaut", "tab\tand\x1b[31mred\u202e", "an-extraordinarily-long-name-17", "an-extraordinarily-long-name-18"} {
		r.block(g, "門", "Acquire", 1)
	}
	r.snap("wide, combining and hostile names")
	return r.shots
}

func chanRoll() []shot {
	r := &roll{tape: newTape("main", "ann", "ben")}
	r.object("done", trace.ClassChan, 0, "").object("jobs", trace.ClassChan, 3, "")
	r.snap("nobody has come")
	r.block("ben", "done", "receive", 1)
	r.say(trace.KindPut, "ann", "jobs", 1, "7").say(trace.KindPut, "ann", "jobs", 2, "8")
	r.snap("one waits to receive; two in the buffer")
	r.say(trace.KindPut, "main", "done", 1, "{}")
	r.snap("handed over")
	r.wake("ben", "done", "main").do(trace.KindGet, "ben", "done", 1).do(trace.KindResume, "ben", "done", 0)
	r.say(trace.KindPut, "ann", "jobs", 3, "9").block("ann", "jobs", "send", 1).block("main", "done", "send", 1)
	r.snap("one waits to send to each")
	r.do(trace.KindGet, "ben", "jobs", 1).wake("ann", "jobs", "ben").say(trace.KindPut, "ann", "jobs", 4, "10").do(trace.KindResume, "ann", "jobs", 0)
	r.do(trace.KindClose, "ann", "jobs", 0).do(trace.KindGet, "ben", "done", 9)
	r.snap("closed, with something in it")
	for i := range 3 {
		r.do(trace.KindGet, "ben", "jobs", int64(i+2))
	}
	r.do(trace.KindPass, "ben", "jobs", 0)
	r.snap("closed and empty")
	r.block("ann", "done", "send", 1).do(trace.KindExit, "ben", "", 0)
	r.snap("nobody goes on, and whoever received has ended")
	return r.shots
}

func selectRoll() []shot {
	r := &roll{tape: newTape("main", "ann")}
	r.object("jobs", trace.ClassChan, 0, "").object("results", trace.ClassChan, 1, "").object("nil channel", trace.ClassNilChan, 0, "")
	r.object("select of ann", trace.ClassSelect, 0, "")
	r.do(trace.KindPut, "main", "results", 1)
	watch := func(obj, what string) {
		r.add(trace.Event{Kind: trace.KindWatch, G: r.g("ann"), Obj: r.objs[obj], Peer: int64(r.objs["select of ann"]), Text: what})
	}
	watch("jobs", "receive")
	watch("results", "send")
	watch("nil channel", "receive")
	r.block("ann", "select of ann", "select", 1)
	r.snap("three cases")
	r.do(trace.KindPut, "main", "jobs", 1).wake("ann", "select of ann", "main").do(trace.KindGet, "ann", "jobs", 1)
	r.snap("one came true")
	r.do(trace.KindResume, "ann", "select of ann", 0).block("ann", "select of ann", "select", 1).block("main", "nil channel", "receive", 1)
	r.snap("no cases, and the nil channel")
	return r.shots
}

func plainRoll() []shot {
	r := &roll{tape: newTape("main", "ann", "ben", "cleo")}
	r.object("table", trace.ClassRWMutex, 0, "").object("wg", trace.ClassWaitGroup, 0, "").object("once", trace.ClassOnce, 0, "")
	r.snap("at first")
	r.say(trace.KindAcquire, "ann", "table", 1, "RLock").say(trace.KindAcquire, "ben", "table", 1, "RLock").block("cleo", "table", "Lock", 1)
	r.do(trace.KindAdd, "main", "wg", 3).do(trace.KindAdd, "ann", "wg", 2).block("main", "wg", "Wait", 1)
	r.do(trace.KindActionBegin, "ann", "once", 0).block("ben", "once", "Do", 1)
	r.snap("two read, one runs, others wait")
	r.do(trace.KindActionEnd, "ann", "once", 0).wake("ben", "once", "ann").do(trace.KindResume, "ben", "once", 0)
	r.say(trace.KindRelease, "ann", "table", 0, "RUnlock").say(trace.KindRelease, "ben", "table", 0, "RUnlock")
	r.wake("cleo", "table", "ben").say(trace.KindAcquire, "cleo", "table", 1, "Lock").do(trace.KindResume, "cleo", "table", 0)
	r.block("ann", "table", "RLock", 1)
	r.do(trace.KindAdd, "ben", "wg", 0).wake("main", "wg", "ben").do(trace.KindResume, "main", "wg", 0)
	r.snap("one writes, one would read; the counter is 0; the function has run")
	r.say(trace.KindFail, "cleo", "table", 0, "panic: oh no")
	r.snap("it fails")
	return r.shots
}

func timeRoll() []shot {
	r := &roll{tape: newTape("main", "ann")}
	r.object("tick", trace.ClassChan, 1, "").object("timer-1", trace.ClassTimer, 0, "tick").object("clock", trace.ClassClock, 0, "").object("hits", trace.ClassAtomic, 0, "")
	r.snap("not set")
	r.do(trace.KindSet, "main", "timer-1", int64(5*time.Second)).block("ann", "clock", "Sleep", int64(3*time.Second)).block("main", "clock", "Sleep", int64(time.Minute))
	r.snap("set, and two sleep")
	r.after(3*time.Second).wake("ann", "clock", "").do(trace.KindResume, "ann", "clock", 0).say(trace.KindWrite, "ann", "hits", 0, "3")
	r.after(2*time.Second).do(trace.KindFire, "", "timer-1", 0).do(trace.KindPut, "", "tick", 1)
	r.snap("gone off")
	return r.shots
}

// A cycle through a channel and a lock is named once nobody goes on.
func chanDeadlockRoll() []shot {
	r := &roll{tape: newTape("ann", "ben")}
	r.object("mu", trace.ClassMutex, 0, "").object("results", trace.ClassChan, 0, "")
	r.block("ben", "results", "receive", 1).do(trace.KindPut, "ann", "results", 1).wake("ben", "results", "ann").do(trace.KindGet, "ben", "results", 1)
	r.do(trace.KindResume, "ben", "results", 0).do(trace.KindAcquire, "ann", "mu", 1).block("ann", "results", "send", 1)
	r.snap("no deadlock yet: ben may receive")
	r.block("ben", "mu", "Lock", 1).say(trace.KindFail, "", "", 0, "deadlock: ann, ben wait forever")
	r.snap("a deadlock")
	return r.shots
}

var rolls = []struct {
	name  string
	shots func() []shot
}{
	{"barrier", barrierRoll}, {"barrier-broken", brokenRoll}, {"event", eventRoll}, {"semaphore", semaphoreRoll}, {"semaphore-signals", signalsRoll}, {"reentrant-lock", lockRoll},
	{"mutex", mutexRoll}, {"local", localRoll}, {"cond", condRoll}, {"queue", queueRoll}, {"stack-and-priority-queue", stacksRoll}, {"executor", executorRoll}, {"executor-own-pool", ownPoolRoll}, {"future", futureRoll}, {"group", groupRoll}, {"group-of-many", manyInGroupRoll}, {"future-ends", futureEndsRoll}, {"other", otherRoll}, {"lost-update", lostUpdateRoll},
	{"chan", chanRoll}, {"select", selectRoll}, {"rwmutex-waitgroup-once", plainRoll}, {"timer-and-clock", timeRoll}, {"keyed-mutex", keyedMutexRoll}, {"flight", flightRoll}, {"task-group", taskGroupRoll}, {"watch", watchRoll},
	{"chan-deadlock", chanDeadlockRoll},
	{"deadlock", deadlockRoll}, {"crowd", crowdRoll}, {"empty", emptyRoll}, {"names", namesRoll},
}

// The sizes that the stage has on screens of 60×20, 80×24, 120×36 and 200×60.
var stageSizes = []cells.Rect{cells.Area(0, 0, 59, 10), cells.Area(0, 0, 79, 11), cells.Area(0, 0, 77, 20), cells.Area(0, 0, 135, 30)}

func TestStage(t *testing.T) {
	for _, roll := range rolls {
		for _, size := range stageSizes {
			t.Run(fmt.Sprintf("%s/%dx%d", roll.name, size.W, size.H), func(t *testing.T) {
				var b strings.Builder
				for _, s := range roll.shots() {
					c := cells.NewCanvas(size.W, size.H)
					var sl slider
					sl.drawStage(c, s.scene, size, 0, nil)
					fits(t, c)
					fmt.Fprintf(&b, "%s:\n%s", s.what, c.String())
				}
				golden.RequireEqual(t, b.String())
			})
		}
	}
}

// All panels of a stage are as wide, also if the last row is not full.
func TestPanelsAreAsWide(t *testing.T) {
	for n := 2; n <= 8; n++ {
		tp := newTape("main")
		for i := range n {
			tp.object(fmt.Sprintf("lock-%d", i+1), trace.ClassMutex, 0, "")
		}
		for _, area := range []cells.Rect{{W: 77, H: 60}, {W: 135, H: 30}, {W: 135, H: 43}, {W: 200, H: 36}} {
			least, most := area.W, 0
			for _, s := range layOut(tp.still(), area, 0).spots {
				least, most = min(least, s.r.W), max(most, s.r.W)
			}
			if most-least > 1 { // what cannot be divided
				t.Errorf("of %d panels in %v one is %d wide, another %d", n, area, least, most)
			}
		}
	}
}

// TestASCII checks that everything the UI itself draws has an ASCII counterpart.
func TestASCII(t *testing.T) {
	th := cells.NewTheme(cells.PaletteDark, true, colorprofile.ASCII)
	for _, roll := range rolls {
		if roll.name == "names" {
			continue
		}
		for _, s := range roll.shots() {
			c := cells.NewCanvas(79, 11)
			var sl slider
			sl.drawStage(c, s.scene, cells.Area(0, 0, 79, 11), 0, nil)
			drawHelp(c, 0, "")
			for y := range c.H {
				for _, l := range c.Row(y) {
					if cells.ASCII(l.S, false) == "?" && l.S != "?" {
						t.Errorf("%s, %s: line %d: %q has no counterpart", roll.name, s.what, y, l.S)
					}
				}
			}
			for _, r := range c.Render(th) {
				if r > '~' {
					t.Fatalf("%s, %s: %q in ASCII mode", roll.name, s.what, r)
				}
			}
		}
	}
}

// The object from which a goroutine was released says by whom; other objects that it holds do not.
func TestByWhom(t *testing.T) {
	tp := newTape("ann", "ben").object("a", trace.ClassMutex, 0, "").object("b", trace.ClassMutex, 0, "")
	tp.do(trace.KindAcquire, "ben", "a", 1).do(trace.KindAcquire, "ann", "b", 1).block("ann", "a", "Lock", 1)
	tp.do(trace.KindRelease, "ben", "a", 0).wake("ann", "a", "ben").do(trace.KindAcquire, "ann", "a", 1).do(trace.KindResume, "ann", "a", 0)
	for _, tok := range layOut(tp.still(), cells.Area(0, 0, 120, 20), 0).tokens {
		want := ""
		if tok.obj == tp.objs["a"] {
			want = "by ben"
		}
		if tok.g == tp.gs["ann"] && tok.note != want {
			t.Errorf("at object %d it says %q, want %q", tok.obj, tok.note, want)
		}
	}
}

// The standard library's own channels are neither on the stage nor in the log, unless somebody has to wait there.
func TestInnerChannels(t *testing.T) {
	tp := newTape("main", "worker").object("jobs", trace.ClassChan, 1, "").object("chan-1", trace.ClassChan, 0, "").object("chan-2", trace.ClassChan, 0, "").object("chan-3", trace.ClassChan, 3, "")
	tp.do(trace.KindClose, "main", "chan-1", 0).do(trace.KindClose, "main", "jobs", 0).block("worker", "chan-2", "receive", 1).do(trace.KindPut, "main", "chan-3", 1)
	for i := range tp.events {
		ev := &tp.events[i]
		ev.Inner = ev.Kind == trace.KindDefineObj && (ev.Text == "chan-1" || ev.Text == "chan-2")
	}
	r := newReel()
	r.add(tp.events)
	closing := slices.IndexFunc(tp.events, func(ev trace.Event) bool { return ev.Kind == trace.KindClose })
	if n := r.next(closing); n != closing+2 {
		t.Errorf("a step goes to event %d, want %d: nobody sees that chan-1 is closed", n, closing+2)
	}
	var names []string
	for _, o := range tp.still().cast {
		names = append(names, o.Name)
	}
	if got := strings.Join(names, " "); got != "jobs chan-2 chan-3" {
		t.Errorf("on the stage are %s", got)
	}
}

// The goroutine that could end a wait is named where it is known.
func TestWhoCould(t *testing.T) {
	last := func(tp *tape, name string) string {
		sc := tp.still()
		st := &stage{sc: sc}
		s, _ := panelOf(&subject{st, sc.s.Object(tp.objs[name])}).sentence()
		return s
	}
	event := func() *tape {
		return newTape("main", "ann", "ben").object("go", trace.ClassEvent, 0, "").block("ann", "go", "Wait", 1)
	}
	for _, tt := range []struct{ got, want string }{
		{last(event(), "go"), "one waits for Set"},
		{last(event().block("ben", "go", "Wait", 1), "go"), "two wait for Set; only main goes on"},
		{last(event().do(trace.KindSet, "ben", "go", 1).wake("ann", "go", "ben").do(trace.KindClear, "main", "go", 0).block("ann", "go", "Wait", 1), "go"), "one waits for Set; ben has set it before"},
		{last(event().do(trace.KindExit, "main", "", 0).do(trace.KindExit, "ben", "", 0), "go"), "one waits for Set; nobody has set it"},
		{last(newTape("main", "ann").object("page", trace.ClassFuture, 1, "").do(trace.KindTaskStart, "ann", "page", 0).block("main", "page", "Result", 1), "page"), "one waits; ann runs it"},
		{last(newTape("main", "ann").object("page", trace.ClassFuture, 1, "").block("main", "page", "Result", 1), "page"), "one waits; only ann goes on"},
		{last(newTape("main", "ann").object("m", trace.ClassMutex, 0, "").object("c", trace.ClassCond, 0, "m").block("main", "c", "Wait", 1).do(trace.KindExit, "ann", "", 0), "c"), "one waits to be notified; nobody has notified it"},
	} {
		if tt.got != tt.want {
			t.Errorf("got  %q\nwant %q", tt.got, tt.want)
		}
	}
}
