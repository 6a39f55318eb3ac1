package stage

import (
	"context"
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
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

const ms = time.Millisecond

// A shot is a moment of a trace with a picture in a golden file.
type shot struct {
	what  string
	scene *scene.Scene
}

// A roll is the shots of a trace.
type roll struct {
	*tuitest.Trace
	shots []shot
}

func (r *roll) snap(what string) *roll {
	r.shots = append(r.shots, shot{what, stillOf(r.Trace)})
	return r
}

func barrierRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "worker-1", "worker-2", "worker-3")}
	r.Object("start-line", trace.ClassBarrier, 3, "")
	r.snap("none has arrived")
	r.After(300*ms).Arrive("worker-1", "start-line", 0)
	r.After(100*ms).Arrive("worker-2", "start-line", 1)
	r.snap("one is missing")
	r.After(100*ms).Do(trace.KindArrive, "worker-3", "start-line", 2).Do(trace.KindActionBegin, "worker-3", "start-line", 0)
	r.snap("the action runs")
	r.After(100*ms).Do(trace.KindActionEnd, "worker-3", "start-line", 0).Do(trace.KindTrip, "worker-3", "start-line", 1)
	r.snap("tripped, none released yet")
	r.Wake("worker-1", "start-line", "worker-3")
	r.snap("the first is released")
	r.Wake("worker-2", "start-line", "worker-3")
	r.Do(trace.KindResume, "worker-1", "start-line", 0)
	r.snap("all through")
	r.After(100*ms).Arrive("worker-1", "start-line", 0)
	r.snap("the next cycle")
	return r.shots
}

func brokenRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "worker-1", "worker-2", "worker-3")}
	r.Object("start-line", trace.ClassBarrier, 4, "")
	r.After(300*ms).Arrive("worker-1", "start-line", 0)
	r.Arrive("worker-2", "start-line", 1).Arrive("worker-3", "start-line", 2)
	r.After(100*ms).Say(trace.KindBreak, "main", "start-line", int64(trace.ReasonAborted), "order canceled")
	r.snap("just broken")
	r.Wake("worker-1", "start-line", "main")
	r.snap("the first turns back")
	r.Wake("worker-2", "start-line", "main").Wake("worker-3", "start-line", "main")
	r.snap("all turned back")
	r.Do(trace.KindReset, "main", "start-line", 0)
	r.snap("whole again")
	r.Arrive("worker-1", "start-line", 0)
	r.After(200*ms).Do(trace.KindGiveUp, "worker-1", "start-line", int64(trace.ReasonTimedOut))
	r.Say(trace.KindBreak, "worker-1", "start-line", int64(trace.ReasonTimedOut), "context deadline exceeded")
	r.snap("broken by one that gave up")
	return r.shots
}

func eventRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "ann", "ben", "cleo")}
	r.Object("go", trace.ClassEvent, 0, "")
	r.snap("closed, no waiters")
	r.After(100*ms).Block("ann", "go", "Wait", 1).Block("ben", "go", "WaitTimeout", 1)
	r.snap("closed, two wait")
	r.After(200*ms).Do(trace.KindGiveUp, "ben", "go", int64(trace.ReasonTimedOut))
	r.snap("one gave up")
	r.Block("ben", "go", "Wait", 1)
	r.After(100*ms).Do(trace.KindSet, "main", "go", 2)
	r.snap("set, still to go through")
	r.Wake("ann", "go", "main").Wake("ben", "go", "main")
	r.snap("all through")
	r.After(100*ms).Do(trace.KindPass, "cleo", "go", 0)
	r.snap("one did not have to wait")
	r.Do(trace.KindClear, "main", "go", 0).Block("cleo", "go", "Wait", 1)
	r.snap("cleared: a late comer before a closed door")
	return r.shots
}

func semaphoreRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "worker-1", "worker-2", "worker-3", "worker-4")}
	r.Object("pool", trace.ClassSemaphore, 3, "")
	r.snap("all free")
	r.After(100*ms).Do(trace.KindAcquire, "worker-1", "pool", 1).Do(trace.KindAcquire, "worker-2", "pool", 2)
	r.snap("none left")
	r.Block("worker-3", "pool", "AcquireN", 3).Block("worker-4", "pool", "Acquire", 1)
	r.snap("two queue, one for three")
	r.Say(trace.KindTryFail, "main", "pool", 1, "TryAcquire")
	r.snap("a try failed")
	r.After(100*ms).Do(trace.KindRelease, "worker-1", "pool", 1)
	r.snap("one free, but not enough for the first")
	r.Do(trace.KindRelease, "worker-2", "pool", 2).Wake("worker-3", "pool", "worker-2").Do(trace.KindAcquire, "worker-3", "pool", 3)
	r.snap("handed over")
	r.Do(trace.KindResume, "worker-3", "pool", 0).Do(trace.KindGiveUp, "worker-4", "pool", int64(trace.ReasonCanceled))
	r.snap("the other gave up")
	return r.shots
}

func signalsRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("giver", "taker")}
	r.Object("it-is-there", trace.ClassSemaphore, 0, "").Object("room", trace.ClassSemaphore, 1, "")
	r.Do(trace.KindAcquire, "giver", "room", 1)
	r.snap("no signal yet; a permit that may be held")
	r.Block("taker", "it-is-there", "Acquire", 1)
	r.After(100*ms).Do(trace.KindRelease, "giver", "it-is-there", 1).Wake("taker", "it-is-there", "giver").Do(trace.KindAcquire, "taker", "it-is-there", 1)
	r.Do(trace.KindResume, "taker", "it-is-there", 0)
	r.snap("one was heard")
	r.Do(trace.KindRelease, "taker", "room", 1).Do(trace.KindRelease, "giver", "it-is-there", 1)
	r.snap("one is left, and the permit was a signal, too")
	r.Do(trace.KindAcquire, "taker", "it-is-there", 1).Block("taker", "it-is-there", "Acquire", 1)
	r.snap("who was through waits again")
	return r.shots
}

func lockRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "ann", "ben")}
	r.Object("lock", trace.ClassReentrantLock, 0, "")
	r.snap("free")
	r.After(100*ms).Do(trace.KindAcquire, "ann", "lock", 1)
	r.snap("held")
	r.Do(trace.KindAcquire, "ann", "lock", 2).Block("ben", "lock", "Lock", 1)
	r.snap("two deep, one waits")
	r.Say(trace.KindTryFail, "main", "lock", 1, "TryLock")
	r.snap("a try bounced off")
	r.Do(trace.KindRelease, "ann", "lock", 1).Do(trace.KindRelease, "ann", "lock", 0)
	r.Wake("ben", "lock", "ann").Do(trace.KindAcquire, "ben", "lock", 1)
	r.snap("handed over")
	return r.shots
}

func mutexRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "ann", "ben")}
	r.Object("m", trace.ClassMutex, 1, "")
	r.snap("held since before the trace")
	r.Do(trace.KindRelease, "main", "m", 0).Do(trace.KindAcquire, "ann", "m", 1).Block("ben", "m", "Lock", 1)
	r.snap("held, one waits")
	return r.shots
}

func localRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "ann", "ben")}
	r.Object("number", trace.ClassLocal, 0, "")
	r.snap("no values")
	r.Say(trace.KindSetValue, "main", "number", 0, "1000")
	r.After(3*time.Second).Say(trace.KindSetValue, "ann", "number", 0, `"a value that is much longer than the table is wide, as some are"`)
	r.snap("one old, one just set")
	r.Do(trace.KindDropValue, "main", "number", 0).Do(trace.KindExit, "ben", "", 0)
	r.snap("dropped")
	for i := range 40 {
		r.Say(trace.KindSetValue, fmt.Sprintf("worker-%d", i+1), "number", 0, fmt.Sprint(i))
	}
	r.snap("more than there is room for")
	return r.shots
}

func condRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("producer", "ann", "ben")}
	r.Object("m", trace.ClassMutex, 0, "").Object("ready", trace.ClassCond, 0, "m")
	r.Block("ann", "ready", "Wait", 1).Block("ben", "ready", "Wait", 1)
	r.snap("two wait")
	r.Do(trace.KindAcquire, "producer", "m", 1).Do(trace.KindNotify, "producer", "ready", 1)
	r.snap("notifying")
	r.Wake("ann", "ready", "producer").Do(trace.KindResume, "ann", "ready", 0).Block("ann", "m", "Lock", 1)
	r.snap("at the lock")
	r.Do(trace.KindRelease, "producer", "m", 0).Wake("ann", "m", "producer").Do(trace.KindAcquire, "ann", "m", 1).Do(trace.KindResume, "ann", "m", 0)
	r.After(100*ms).Do(trace.KindGiveUp, "ben", "ready", int64(trace.ReasonTimedOut))
	r.snap("the other gave up")
	return r.shots
}

func queueRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "washer", "dryer")}
	r.Object("dishes", trace.ClassQueue, 3, "")
	r.Block("dryer", "dishes", "Get", 1)
	r.snap("empty, one waits")
	r.Say(trace.KindPut, "washer", "dishes", 1, "plate").Wake("dryer", "dishes", "washer").Do(trace.KindGet, "dryer", "dishes", 1)
	for i, dish := range []string{"cup", "bowl", "pan"} {
		r.Add(trace.Event{Kind: trace.KindPut, G: r.G("washer"), Obj: r.Objs["dishes"], N: int64(i + 2), Text: dish, Peer: int64(i)})
	}
	r.Block("washer", "dishes", "Put", 1).Block("main", "dishes", "Join", 1)
	r.snap("full, one waits to put, one joins")
	r.Do(trace.KindTaskDone, "dryer", "dishes", 3).Do(trace.KindClose, "dryer", "dishes", 0)
	r.snap("closed")
	return r.shots
}

func stacksRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "ann")}
	r.Object("stack", trace.ClassStack, 0, "").Object("urgent", trace.ClassPriorityQueue, 4, "")
	for i, s := range []string{"low", "middle", "high"} {
		r.Add(trace.Event{Kind: trace.KindPut, G: r.G("main"), Obj: r.Objs["stack"], N: int64(i + 1), Text: s})
		r.Add(trace.Event{Kind: trace.KindPut, G: r.G("main"), Obj: r.Objs["urgent"], N: int64(i + 1), Text: s})
	}
	r.snap("three in each")
	for i := range 40 {
		r.Add(trace.Event{Kind: trace.KindPut, G: r.G("main"), Obj: r.Objs["stack"], N: int64(i + 4), Text: fmt.Sprintf("item-%d", i)})
	}
	r.Do(trace.KindClose, "main", "urgent", 0)
	r.snap("more than there is room for; the other is closed")
	return r.shots
}

func executorRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "worker-1", "worker-2")}
	r.Object("pool", trace.ClassExecutor, 2, "")
	for _, task := range []string{"task-1", "task-2", "task-3", "task-4"} {
		r.Object(task, trace.ClassFuture, 0, "pool")
		r.Add(trace.Event{Kind: trace.KindSubmit, G: r.G("main"), Obj: r.Objs[task], Peer: int64(r.Objs["pool"])})
	}
	r.snap("all queue")
	r.Do(trace.KindTaskStart, "worker-1", "task-1", 0).Do(trace.KindTaskStart, "worker-2", "task-2", 0)
	r.snap("two run")
	r.Say(trace.KindSettle, "worker-1", "task-1", int64(timeline.ProgressSucceeded), "42")
	r.Say(trace.KindSettle, "worker-2", "task-2", int64(timeline.ProgressFailed), "no such page")
	r.Say(trace.KindSettle, "main", "task-4", int64(timeline.ProgressCanceled), "")
	r.Do(trace.KindTaskStart, "worker-1", "task-3", 0)
	r.snap("settled in three ways")
	r.Do(trace.KindClose, "main", "pool", 0).Say(trace.KindSettle, "worker-1", "task-3", int64(timeline.ProgressSucceeded), "7")
	r.Do(trace.KindExit, "worker-1", "", 0).Do(trace.KindExit, "worker-2", "", 0)
	r.snap("shut down")
	return r.shots
}

func groupRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "worker-1", "worker-2")}
	r.Object("pool", trace.ClassExecutor, 2, "").Object("AsCompleted", trace.ClassGroup, 4, "")
	tasks := []string{"task-1", "task-2", "task-3", "task-4"}
	for _, task := range tasks {
		r.Object(task, trace.ClassFuture, 0, "pool")
		r.Add(trace.Event{Kind: trace.KindSubmit, G: r.G("main"), Obj: r.Objs[task], Peer: int64(r.Objs["pool"])})
	}
	r.Do(trace.KindTaskStart, "worker-1", "task-1", 0)
	for i, task := range tasks {
		state := timeline.ProgressPending
		if i == 0 {
			state = timeline.ProgressRunning
		}
		r.Add(trace.Event{Kind: trace.KindWatch, G: r.G("main"), Obj: r.Objs[task], Peer: int64(r.Objs["AsCompleted"]), N: int64(state)})
	}
	r.Block("main", "AsCompleted", "AsCompleted", 1)
	r.Do(trace.KindTaskStart, "worker-2", "task-2", 0)
	r.snap("two run")
	r.Say(trace.KindSettle, "worker-2", "task-2", int64(timeline.ProgressFailed), "no such page").Wake("main", "AsCompleted", "worker-2")
	r.snap("the first is settled")
	r.Do(trace.KindResume, "main", "AsCompleted", 0).Do(trace.KindTaskStart, "worker-2", "task-3", 0)
	r.snap("it is dealt with")
	r.Say(trace.KindSettle, "main", "task-4", int64(timeline.ProgressCanceled), "")
	r.Say(trace.KindSettle, "worker-1", "task-1", int64(timeline.ProgressSucceeded), "42")
	r.Block("main", "AsCompleted", "WaitAll", 1)
	r.snap("the last one is to come")
	r.Do(trace.KindGiveUp, "main", "AsCompleted", int64(trace.ReasonTimedOut))
	r.snap("given up")
	r.Block("main", "task-3", "Result", 1)
	r.snap("for the result of one")
	return r.shots
}

func manyInGroupRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "oracle")}
	r.Object("WaitAny", trace.ClassGroup, 60, "")
	for i := range 60 {
		name := fmt.Sprintf("answer-%d", i+1)
		r.Object(name, trace.ClassFuture, 0, "WaitAny") // a parent, so that they have no panels of their own
		r.Add(trace.Event{Kind: trace.KindWatch, G: r.G("main"), Obj: r.Objs[name], Peer: int64(r.Objs["WaitAny"]), N: int64(timeline.ProgressPending)})
	}
	r.Block("main", "WaitAny", "WaitAny", 1)
	r.snap("none is there")
	for i := range 31 {
		r.Say(trace.KindSettle, "oracle", fmt.Sprintf("answer-%d", 60-i), int64(timeline.ProgressSucceeded), "yes")
	}
	r.Wake("main", "WaitAny", "oracle").Do(trace.KindResume, "main", "WaitAny", 0).Block("main", "WaitAny", "WaitFirstError", 1)
	r.snap("half of them are there")
	return r.shots
}

func ownPoolRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "worker-1", "worker-2", "worker-3")}
	r.Object("pool", trace.ClassExecutor, 4, "")
	submit := func(by string, tasks ...string) {
		for _, task := range tasks {
			r.Object(task, trace.ClassFuture, 0, "pool")
			r.Add(trace.Event{Kind: trace.KindSubmit, G: r.G(by), Obj: r.Objs[task], Peer: int64(r.Objs["pool"])})
		}
	}
	submit("main", "outer-1", "outer-2", "outer-3")
	for i := range 3 {
		r.Do(trace.KindTaskStart, fmt.Sprintf("worker-%d", i+1), fmt.Sprintf("outer-%d", i+1), 0)
	}
	r.Block("worker-1", "outer-3", "Result", 1)
	r.snap("one waits for another")
	r.Say(trace.KindSettle, "worker-3", "outer-3", int64(timeline.ProgressSucceeded), "3").Wake("worker-1", "outer-3", "worker-3")
	r.Do(trace.KindResume, "worker-1", "outer-3", 0).Block("worker-3", "pool", "next", 1)
	r.snap("one is idle")
	r.Wake("worker-3", "pool", "main").Do(trace.KindResume, "worker-3", "pool", 0)
	submit("main", "outer-4", "outer-5")
	r.Do(trace.KindTaskStart, "worker-3", "outer-4", 0).Do(trace.KindTaskStart, "worker-4", "outer-5", 0)
	submit("worker-2", "inner-1", "inner-2", "inner-3", "inner-4")
	r.Block("worker-2", "inner-1", "Result", 1).Block("worker-4", "inner-3", "Result", 1)
	r.snap("two wait for tasks that are queued")
	r.Block("worker-1", "inner-4", "Result", 1).Block("worker-3", "inner-2", "Result", 1)
	r.snap("a deadlock")
	return r.shots
}

func futureRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "ann")}
	r.Object("promise", trace.ClassFuture, 0, "").Do(trace.KindSubmit, "main", "promise", 0)
	r.Block("ann", "promise", "Get", 1)
	r.snap("pending")
	r.Say(trace.KindSettle, "main", "promise", int64(timeline.ProgressSucceeded), "42").Wake("ann", "promise", "main")
	r.snap("settled")
	return r.shots
}

func futureEndsRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "ann")}
	for _, name := range []string{"runs", "fails", "is-canceled"} {
		r.Object(name, trace.ClassFuture, 0, "").Do(trace.KindSubmit, "main", name, 0)
	}
	r.Do(trace.KindTaskStart, "ann", "runs", 0)
	r.Say(trace.KindSettle, "main", "fails", int64(timeline.ProgressFailed), "no such page")
	r.Say(trace.KindSettle, "main", "is-canceled", int64(timeline.ProgressCanceled), "")
	r.snap("in progress, failed, canceled")
	return r.shots
}

// otherRoll has what only the explorer traces: variables, and its replacements of channels and the like.
func otherRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "ann")}
	r.Object("balance", trace.ClassVar, 0, "").Object("done", trace.ClassOther, 0, "")
	r.Object("rate", trace.ClassVar, 0, "")
	r.Say(trace.KindWrite, "ann", "balance", 0, "100")
	r.Block("main", "done", "receive", 1)
	r.snap("a variable was written, a channel waited for")
	return r.shots
}

func lostUpdateRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("ann", "ben")}
	r.Object("total", trace.ClassVar, 0, "")
	r.Say(trace.KindWrite, "ann", "total", 0, "0").Say(trace.KindRead, "ann", "total", 0, "0").Say(trace.KindWrite, "ann", "total", 0, "1")
	r.Say(trace.KindRead, "ben", "total", 0, "1").Say(trace.KindRead, "ann", "total", 0, "1")
	r.snap("both have read 1")
	r.Say(trace.KindWrite, "ben", "total", 0, "2")
	r.snap("one has written 2")
	r.Say(trace.KindWrite, "ann", "total", 0, "2")
	r.snap("the other, too: one addition is lost")
	r.Say(trace.KindWrite, "ann", "total", 0, "3")
	r.snap("over its own nothing is lost")
	return r.shots
}

func deadlockRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("ann", "ben")}
	r.Object("fork-1", trace.ClassMutex, 0, "").Object("fork-2", trace.ClassMutex, 0, "")
	r.Do(trace.KindAcquire, "ann", "fork-1", 1).Do(trace.KindAcquire, "ben", "fork-2", 1)
	r.Block("ann", "fork-2", "Lock", 1)
	r.snap("not yet")
	r.Block("ben", "fork-1", "Lock", 1)
	r.snap("deadlock")
	return r.shots
}

func manyRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main")}
	r.Object("gate", trace.ClassBarrier, 1000, "")
	for i := range 812 {
		r.Arrive(fmt.Sprintf("worker-%d", i+1), "gate", int64(i))
	}
	r.snap("many")
	sc := stillOf(r.Trace)
	sc.Focus.G = r.Gs["worker-17"]
	r.shots = append(r.shots, shot{"one in focus stays by itself", sc})
	return r.shots
}

func emptyRoll() []shot {
	r := &roll{Trace: &tuitest.Trace{Gs: map[string]int64{}, Objs: map[string]trace.ID{}}}
	r.snap("before the first event")
	r.G("main")
	r.G("worker-1")
	r.snap("no primitive yet")
	return r.shots
}

func namesRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("日本語のとても長い名前", "e\u0301te\u0301", "👩‍🚀 astronaut", "tab\tand\x1b[31mred\u202e", "an-extraordinarily-long-name-17", "an-extraordinarily-long-name-18")}
	r.Object("門", trace.ClassSemaphore, 2, "")
	r.Do(trace.KindAcquire, "日本語のとても長い名前", "門", 1).Do(trace.KindAcquire, "e\u0301te\u0301", "門", 1)
	for _, g := range []string{"👩‍🚀 astronaut", "tab\tand\x1b[31mred\u202e", "an-extraordinarily-long-name-17", "an-extraordinarily-long-name-18"} {
		r.Block(g, "門", "Acquire", 1)
	}
	r.snap("wide, combining and hostile names")
	return r.shots
}

func chanRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "ann", "ben")}
	r.Object("done", trace.ClassChan, 0, "").Object("jobs", trace.ClassChan, 3, "")
	r.snap("none has come")
	r.Block("ben", "done", "receive", 1)
	r.Say(trace.KindPut, "ann", "jobs", 1, "7").Say(trace.KindPut, "ann", "jobs", 2, "8")
	r.snap("one waits to receive; two in the buffer")
	r.Say(trace.KindPut, "main", "done", 1, "{}")
	r.snap("handed over")
	r.Wake("ben", "done", "main").Do(trace.KindGet, "ben", "done", 1).Do(trace.KindResume, "ben", "done", 0)
	r.Say(trace.KindPut, "ann", "jobs", 3, "9").Block("ann", "jobs", "send", 1).Block("main", "done", "send", 1)
	r.snap("one waits to send to each")
	r.Do(trace.KindGet, "ben", "jobs", 1).Wake("ann", "jobs", "ben").Say(trace.KindPut, "ann", "jobs", 4, "10").Do(trace.KindResume, "ann", "jobs", 0)
	r.Do(trace.KindClose, "ann", "jobs", 0).Do(trace.KindGet, "ben", "done", 9)
	r.snap("closed, with something in it")
	for i := range 3 {
		r.Do(trace.KindGet, "ben", "jobs", int64(i+2))
	}
	r.Do(trace.KindPass, "ben", "jobs", 0)
	r.snap("closed and empty")
	r.Block("ann", "done", "send", 1).Do(trace.KindExit, "ben", "", 0)
	r.snap("none proceeds, and every receiver has ended")
	return r.shots
}

func selectRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "ann")}
	r.Object("jobs", trace.ClassChan, 0, "").Object("results", trace.ClassChan, 1, "").Object("nil channel", trace.ClassNilChan, 0, "")
	r.Object("select of ann", trace.ClassSelect, 0, "")
	r.Do(trace.KindPut, "main", "results", 1)
	watch := func(obj, what string) {
		r.Add(trace.Event{Kind: trace.KindWatch, G: r.G("ann"), Obj: r.Objs[obj], Peer: int64(r.Objs["select of ann"]), Text: what})
	}
	watch("jobs", "receive")
	watch("results", "send")
	watch("nil channel", "receive")
	r.Block("ann", "select of ann", "select", 1)
	r.snap("three cases")
	r.Do(trace.KindPut, "main", "jobs", 1).Wake("ann", "select of ann", "main").Do(trace.KindGet, "ann", "jobs", 1)
	r.snap("one came true")
	r.Do(trace.KindResume, "ann", "select of ann", 0).Block("ann", "select of ann", "select", 1).Block("main", "nil channel", "receive", 1)
	r.snap("no cases, and the nil channel")
	return r.shots
}

func plainRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "ann", "ben", "cleo")}
	r.Object("table", trace.ClassRWMutex, 0, "").Object("wg", trace.ClassWaitGroup, 0, "").Object("once", trace.ClassOnce, 0, "")
	r.snap("at first")
	r.Say(trace.KindAcquire, "ann", "table", 1, "RLock").Say(trace.KindAcquire, "ben", "table", 1, "RLock").Block("cleo", "table", "Lock", 1)
	r.Do(trace.KindAdd, "main", "wg", 3).Do(trace.KindAdd, "ann", "wg", 2).Block("main", "wg", "Wait", 1)
	r.Do(trace.KindActionBegin, "ann", "once", 0).Block("ben", "once", "Do", 1)
	r.snap("two read, one runs, others wait")
	r.Do(trace.KindActionEnd, "ann", "once", 0).Wake("ben", "once", "ann").Do(trace.KindResume, "ben", "once", 0)
	r.Say(trace.KindRelease, "ann", "table", 0, "RUnlock").Say(trace.KindRelease, "ben", "table", 0, "RUnlock")
	r.Wake("cleo", "table", "ben").Say(trace.KindAcquire, "cleo", "table", 1, "Lock").Do(trace.KindResume, "cleo", "table", 0)
	r.Block("ann", "table", "RLock", 1)
	r.Do(trace.KindAdd, "ben", "wg", 0).Wake("main", "wg", "ben").Do(trace.KindResume, "main", "wg", 0)
	r.snap("one writes, one would read; the counter is 0; the function has run")
	r.Say(trace.KindFail, "cleo", "table", 0, "panic: oh no")
	r.snap("it fails")
	return r.shots
}

func timeRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "ann")}
	r.Object("tick", trace.ClassChan, 1, "").Object("timer-1", trace.ClassTimer, 0, "tick").Object("clock", trace.ClassClock, 0, "").Object("hits", trace.ClassAtomic, 0, "")
	r.snap("not set")
	r.Do(trace.KindSet, "main", "timer-1", int64(5*time.Second)).Block("ann", "clock", "Sleep", int64(3*time.Second)).Block("main", "clock", "Sleep", int64(time.Minute))
	r.snap("set, and two sleep")
	r.After(3*time.Second).Wake("ann", "clock", "").Do(trace.KindResume, "ann", "clock", 0).Say(trace.KindWrite, "ann", "hits", 0, "3")
	r.After(2*time.Second).Do(trace.KindFire, "", "timer-1", 0).Do(trace.KindPut, "", "tick", 1)
	r.snap("fired")
	return r.shots
}

// A cycle through a channel and a lock is described once no other goroutine runs.
func chanDeadlockRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("ann", "ben")}
	r.Object("mu", trace.ClassMutex, 0, "").Object("results", trace.ClassChan, 0, "")
	r.Block("ben", "results", "receive", 1).Do(trace.KindPut, "ann", "results", 1).Wake("ben", "results", "ann").Do(trace.KindGet, "ben", "results", 1)
	r.Do(trace.KindResume, "ben", "results", 0).Do(trace.KindAcquire, "ann", "mu", 1).Block("ann", "results", "send", 1)
	r.snap("no deadlock yet: ben may receive")
	r.Block("ben", "mu", "Lock", 1).Say(trace.KindFail, "", "", 0, "deadlock: ann, ben wait forever")
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
	{"deadlock", deadlockRoll}, {"many", manyRoll}, {"empty", emptyRoll}, {"names", namesRoll},
}

// stageSizes are the sizes of the stage on screens of 60×20, 80×24, 120×36 and 200×60.
var stageSizes = []cells.Rect{cells.Area(0, 0, 59, 10), cells.Area(0, 0, 79, 11), cells.Area(0, 0, 77, 20), cells.Area(0, 0, 135, 30)}

func TestStage(t *testing.T) {
	for _, roll := range rolls {
		for _, size := range stageSizes {
			t.Run(fmt.Sprintf("%s/%dx%d", roll.name, size.W, size.H), func(t *testing.T) {
				var b strings.Builder
				for _, s := range roll.shots() {
					c := cells.NewCanvas(size.W, size.H)
					var sl Slider
					sl.Draw(c, s.scene, size, 0, nil)
					tuitest.Fits(t, c)
					fmt.Fprintf(&b, "%s:\n%s", s.what, c.String())
				}
				golden.RequireEqual(t, b.String())
			})
		}
	}
}

// All panels of a stage have the same width, even if the last row is not full.
func TestPanelsAreAsWide(t *testing.T) {
	for n := 2; n <= 8; n++ {
		tr := tuitest.NewTrace("main")
		for i := range n {
			tr.Object(fmt.Sprintf("lock-%d", i+1), trace.ClassMutex, 0, "")
		}
		for _, area := range []cells.Rect{{W: 77, H: 60}, {W: 135, H: 30}, {W: 135, H: 43}, {W: 200, H: 36}} {
			least, most := area.W, 0
			for _, s := range LayOut(stillOf(tr), area, 0).Spots {
				least, most = min(least, s.Area.W), max(most, s.Area.W)
			}
			if most-least > 1 { // the remainder of the division
				t.Errorf("of %d panels in %v one is %d wide, another %d", n, area, least, most)
			}
		}
	}
}

// The heading of an empty queue is where the first waiter will be, and never touches the next heading.
func TestHeadingOfEmptyQueue(t *testing.T) {
	for _, tt := range []struct {
		heading, verb string
		class         trace.Class
	}{
		{"at the door", "Lock", trace.ClassMutex}, {"at the door", "Wait", trace.ClassEvent}, {"at the door", "RLock", trace.ClassRWMutex},
		{"at the door", "Do", trace.ClassOnce}, {"in the queue", "Acquire", trace.ClassSemaphore}, {"waiting", "Wait", trace.ClassWaitGroup},
		{"sending", "send", trace.ClassChan}, {"putting", "Put", trace.ClassQueue},
		{"waiting for it", "Result", trace.ClassFuture},
	} {
		for _, size := range stageSizes[2:] {
			tr := tuitest.NewTrace("main", "ann").Object("a", tt.class, 0, "").Object("b", tt.class, 0, "")
			column := func() int {
				c := cells.NewCanvas(size.W, size.H)
				new(Slider).Draw(c, stillOf(tr), size, 0, nil)
				for line := range strings.Lines(c.String()) {
					if before, after, ok := strings.Cut(line, tt.heading); ok {
						if !strings.HasPrefix(after, " ") {
							t.Errorf("%v: no space after the heading: %s", size, line)
						}
						return cells.Width(before)
					}
				}
				t.Fatalf("%v: no heading %q:\n%s", size, tt.heading, c)
				return 0
			}
			empty := column()
			tr.Block("ann", "a", tt.verb, 1)
			if one := column(); one > empty {
				t.Errorf("%v: %q is in column %d, and in %d when one waits", size, tt.heading, empty, one)
			}
		}
	}
}

// TestASCII checks that everything on the stage has an ASCII counterpart.
func TestASCII(t *testing.T) {
	th := cells.NewTheme(cells.PaletteDark, true, colorprofile.ASCII)
	for _, roll := range rolls {
		if roll.name == "names" {
			continue
		}
		for _, s := range roll.shots() {
			c := cells.NewCanvas(79, 11)
			var sl Slider
			sl.Draw(c, s.scene, cells.Area(0, 0, 79, 11), 0, nil)
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

// The object from which a goroutine was released names the goroutine that did it; other objects that it holds do not.
func TestByWhom(t *testing.T) {
	tr := tuitest.NewTrace("ann", "ben").Object("a", trace.ClassMutex, 0, "").Object("b", trace.ClassMutex, 0, "")
	tr.Do(trace.KindAcquire, "ben", "a", 1).Do(trace.KindAcquire, "ann", "b", 1).Block("ann", "a", "Lock", 1)
	tr.Do(trace.KindRelease, "ben", "a", 0).Wake("ann", "a", "ben").Do(trace.KindAcquire, "ann", "a", 1).Do(trace.KindResume, "ann", "a", 0)
	for _, tok := range LayOut(stillOf(tr), cells.Area(0, 0, 120, 20), 0).Tokens {
		want := ""
		if tok.Obj == tr.Objs["a"] {
			want = "by ben"
		}
		if tok.G == tr.Gs["ann"] && tok.note != want {
			t.Errorf("the note at object %d is %q, want %q", tok.Obj, tok.note, want)
		}
	}
}

// Internal channels of the standard library are neither on the stage nor in the log, unless a goroutine waits there.
func TestInnerChannels(t *testing.T) {
	tr := tuitest.NewTrace("main", "worker").Object("jobs", trace.ClassChan, 1, "").Object("chan-1", trace.ClassChan, 0, "").Object("chan-2", trace.ClassChan, 0, "").Object("chan-3", trace.ClassChan, 3, "")
	tr.Do(trace.KindClose, "main", "chan-1", 0).Do(trace.KindClose, "main", "jobs", 0).Block("worker", "chan-2", "receive", 1).Do(trace.KindPut, "main", "chan-3", 1)
	for i := range tr.Events {
		ev := &tr.Events[i]
		ev.Inner = ev.Kind == trace.KindDefineObj && (ev.Text == "chan-1" || ev.Text == "chan-2")
	}
	r := scene.NewRecording()
	r.Add(tr.Events)
	closing := slices.IndexFunc(tr.Events, func(ev trace.Event) bool { return ev.Kind == trace.KindClose })
	if n := r.Next(closing); n != closing+2 {
		t.Errorf("a step goes to event %d, want %d: no receiver sees that chan-1 is closed", n, closing+2)
	}
	var names []string
	for _, o := range stillOf(tr).Objects {
		names = append(names, o.Name)
	}
	if got := strings.Join(names, " "); got != "jobs chan-2 chan-3" {
		t.Errorf("on the stage are %s", got)
	}
}

// If it is known which goroutine could end a wait, it is named.
func TestWhoCould(t *testing.T) {
	last := func(tr *tuitest.Trace, name string) string {
		sc := stillOf(tr)
		st := &stage{sc: sc}
		s, _ := panelOf(&subject{st, sc.State.Object(tr.Objs[name])}).sentence()
		return s
	}
	event := func() *tuitest.Trace {
		return tuitest.NewTrace("main", "ann", "ben").Object("go", trace.ClassEvent, 0, "").Block("ann", "go", "Wait", 1)
	}
	for _, tt := range []struct{ got, want string }{
		{last(event(), "go"), "one waits for Set"},
		{last(event().Block("ben", "go", "Wait", 1), "go"), "two wait for Set; only main still runs"},
		{last(event().Do(trace.KindSet, "ben", "go", 1).Wake("ann", "go", "ben").Do(trace.KindClear, "main", "go", 0).Block("ann", "go", "Wait", 1), "go"), "one waits for Set; ben has set it before"},
		{last(event().Do(trace.KindExit, "main", "", 0).Do(trace.KindExit, "ben", "", 0), "go"), "one waits for Set; no goroutine has set it"},
		{last(tuitest.NewTrace("main", "ann").Object("page", trace.ClassFuture, 1, "").Do(trace.KindTaskStart, "ann", "page", 0).Block("main", "page", "Result", 1), "page"), "one waits; ann runs it"},
		{last(tuitest.NewTrace("main", "ann").Object("page", trace.ClassFuture, 1, "").Block("main", "page", "Result", 1), "page"), "one waits; only ann still runs"},
		{last(tuitest.NewTrace("main", "ann").Object("m", trace.ClassMutex, 0, "").Object("c", trace.ClassCond, 0, "m").Block("main", "c", "Wait", 1).Do(trace.KindExit, "ann", "", 0), "c"), "one waits to be notified; no goroutine has notified it"},
	} {
		if tt.got != tt.want {
			t.Errorf("got  %q\nwant %q", tt.got, tt.want)
		}
	}
}

// stillOf returns the scene after the last event, with everything at rest.
func stillOf(t *tuitest.Trace) *scene.Scene {
	r := scene.NewRecording()
	_ = r.Load(context.Background(), slices.Clone(t.Events)) // it fails only when the context ends
	sc := r.Scene(r.Clock().End(), SlideFor)
	sc.Now += 410 * time.Millisecond
	return sc
}
