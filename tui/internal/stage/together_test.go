package stage

import (
	"fmt"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

func keyedMutexRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "ann", "ben", "cleo", "dora")}
	r.Object("accounts", trace.ClassKeyedMutex, 0, "")
	r.snap("no key is held")
	r.Object("accounts[7]", trace.ClassMutex, 0, "accounts").After(100*ms).Do(trace.KindAcquire, "ann", "accounts[7]", 1)
	r.snap("one is held")
	r.Object("accounts[8]", trace.ClassMutex, 0, "accounts").Do(trace.KindAcquire, "ben", "accounts[8]", 1)
	r.Block("cleo", "accounts[7]", "Lock", 1).Block("dora", "accounts[7]", "LockTimeout", 1)
	r.snap("two are held, two wait for the first")
	r.Say(trace.KindTryFail, "main", "accounts[8]", 1, "TryLock")
	r.After(100*ms).Do(trace.KindRelease, "ann", "accounts[7]", 0).Wake("cleo", "accounts[7]", "ann").Do(trace.KindAcquire, "cleo", "accounts[7]", 1)
	r.Block("ann", "accounts[8]", "Lock", 1)
	r.snap("handed over; a try bounced off")
	r.Do(trace.KindRelease, "ben", "accounts[8]", 0).Wake("ann", "accounts[8]", "ben").Do(trace.KindAcquire, "ann", "accounts[8]", 1).Do(trace.KindResume, "ann", "accounts[8]", 0)
	r.Block("ann", "accounts[7]", "Lock", 1).Do(trace.KindResume, "cleo", "accounts[7]", 0).Block("cleo", "accounts[8]", "Lock", 1)
	r.snap("two keys in either order: a deadlock")
	for i := range 40 {
		key, g := fmt.Sprintf("accounts[%d]", 100+i), fmt.Sprintf("clerk-%d", i+1)
		r.Object(key, trace.ClassMutex, 0, "accounts").Do(trace.KindAcquire, g, key, 1)
	}
	r.snap("more keys than there is room for")
	return r.shots
}

func flightRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "ann", "ben", "cleo", "pages")}
	r.Object("pages", trace.ClassFlight, 0, "")
	r.snap("nothing is in flight")
	ask := func(by, call string) {
		r.Object(call, trace.ClassFuture, int64(timeline.ProgressPending), "pages")
		r.Add(trace.Event{Kind: trace.KindSubmit, G: r.G(by), Obj: r.Objs[call], Peer: int64(r.Objs["pages"])})
		r.Block(by, call, "Do", 1)
	}
	ask("ann", `pages["a"]`)
	r.snap("asked for, not begun")
	r.Do(trace.KindTaskStart, "pages", `pages["a"]`, 0).Block("ben", `pages["a"]`, "Do", 1)
	ask("cleo", `pages["b"]`)
	r.Do(trace.KindTaskStart, "pages#2", `pages["b"]`, 0)
	r.snap("two share one, another asks for another")
	r.After(100*ms).Say(trace.KindSettle, "pages", `pages["a"]`, int64(timeline.ProgressSucceeded), "<html>")
	r.Wake("ann", `pages["a"]`, "pages").Wake("ben", `pages["a"]`, "pages").Do(trace.KindExit, "pages", "", 0)
	r.snap("landed: both have it")
	r.Say(trace.KindSettle, "pages#2", `pages["b"]`, int64(timeline.ProgressFailed), "no such page").Wake("cleo", `pages["b"]`, "pages#2").Do(trace.KindExit, "pages#2", "", 0)
	for _, g := range []string{"ann", "ben"} {
		r.Do(trace.KindResume, g, `pages["a"]`, 0)
	}
	r.Do(trace.KindResume, "cleo", `pages["b"]`, 0)
	r.snap("the other failed; all go on")
	return r.shots
}

func taskGroupRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "boss")}
	r.Object("crew", trace.ClassTaskGroup, 2, "").Object("rest", trace.ClassTaskGroup, 0, "")
	r.snap("none runs")
	spawn := func(by, g, in string) {
		r.Add(trace.Event{Kind: trace.KindSpawn, G: r.G(by), Obj: r.Objs[in], Peer: r.G(g)})
	}
	leave := func(g, in string, how timeline.Progress, text string, left int64) {
		r.Say(trace.KindSettle, g, in, int64(how), text).Do(trace.KindTaskDone, g, in, left)
	}
	spawn("main", "ann", "crew")
	r.snap("a place is free")
	spawn("main", "ben", "crew")
	r.After(100*ms).Block("main", "crew", "Go", 1).Block("boss", "crew", "Wait", 1)
	spawn("ben", "dora", "rest")
	r.snap("full: one waits for a place, one for the end")
	leave("ann", "crew", timeline.ProgressSucceeded, "", 1)
	r.Wake("main", "crew", "ann").Do(trace.KindExit, "ann", "", 0).Do(trace.KindResume, "main", "crew", 0)
	spawn("main", "cleo", "crew")
	r.snap("it has got the place")
	leave("ben", "crew", timeline.ProgressFailed, "no such page", 1)
	r.Do(trace.KindExit, "ben", "", 0)
	r.Say(trace.KindCancel, "boss", "rest", 0, "enough")
	r.snap("one failed; the other group was canceled")
	leave("cleo", "crew", timeline.ProgressSucceeded, "", 0)
	r.Wake("boss", "crew", "cleo").Do(trace.KindExit, "cleo", "", 0)
	r.snap("all have ended")
	return r.shots
}

func watchRoll() []shot {
	r := &roll{Trace: tuitest.NewTrace("main", "ann", "ben", "cleo")}
	r.Object("config", trace.ClassWatch, 1, "")
	r.snap("not set since")
	r.Block("ann", "config", "Wait", 1).Block("ben", "config", "WaitTimeout", 1).Block("cleo", "config", "Wait", 5)
	r.snap("two wait for the next version, one for a later one")
	r.After(100*ms).Say(trace.KindSet, "main", "config", 2, "debug")
	r.Wake("ann", "config", "main").Do(trace.KindPass, "ann", "config", 2).Wake("ben", "config", "main").Do(trace.KindPass, "ben", "config", 2)
	r.snap("set: two have it")
	r.Do(trace.KindResume, "ann", "config", 0).Block("ann", "config", "Wait", 2)
	r.Say(trace.KindSet, "main", "config", 3, "a value that is much longer than there is room for on most of the boards")
	r.snap("set once more")
	return r.shots
}
