package tui

import (
	"fmt"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

func keyedMutexRoll() []shot {
	r := &roll{tape: newTape("main", "ann", "ben", "cleo", "dora")}
	r.object("accounts", trace.ClassKeyedMutex, 0, "")
	r.snap("no key is held")
	r.object("accounts[7]", trace.ClassMutex, 0, "accounts").after(100*ms).do(trace.KindAcquire, "ann", "accounts[7]", 1)
	r.snap("one is held")
	r.object("accounts[8]", trace.ClassMutex, 0, "accounts").do(trace.KindAcquire, "ben", "accounts[8]", 1)
	r.block("cleo", "accounts[7]", "Lock", 1).block("dora", "accounts[7]", "LockTimeout", 1)
	r.snap("two are held, two wait for the first")
	r.say(trace.KindTryFail, "main", "accounts[8]", 1, "TryLock")
	r.after(100*ms).do(trace.KindRelease, "ann", "accounts[7]", 0).wake("cleo", "accounts[7]", "ann").do(trace.KindAcquire, "cleo", "accounts[7]", 1)
	r.block("ann", "accounts[8]", "Lock", 1)
	r.snap("handed over; a try bounced off")
	r.do(trace.KindRelease, "ben", "accounts[8]", 0).wake("ann", "accounts[8]", "ben").do(trace.KindAcquire, "ann", "accounts[8]", 1).do(trace.KindResume, "ann", "accounts[8]", 0)
	r.block("ann", "accounts[7]", "Lock", 1).do(trace.KindResume, "cleo", "accounts[7]", 0).block("cleo", "accounts[8]", "Lock", 1)
	r.snap("two keys in either order: a deadlock")
	for i := range 40 {
		key, g := fmt.Sprintf("accounts[%d]", 100+i), fmt.Sprintf("clerk-%d", i+1)
		r.object(key, trace.ClassMutex, 0, "accounts").do(trace.KindAcquire, g, key, 1)
	}
	r.snap("more keys than there is room for")
	return r.shots
}

func flightRoll() []shot {
	r := &roll{tape: newTape("main", "ann", "ben", "cleo", "pages")}
	r.object("pages", trace.ClassFlight, 0, "")
	r.snap("nothing is in flight")
	ask := func(by, call string) {
		r.object(call, trace.ClassFuture, int64(timeline.ProgressPending), "pages")
		r.add(trace.Event{Kind: trace.KindSubmit, G: r.g(by), Obj: r.objs[call], Peer: int64(r.objs["pages"])})
		r.block(by, call, "Do", 1)
	}
	ask("ann", `pages["a"]`)
	r.snap("asked for, not begun")
	r.do(trace.KindTaskStart, "pages", `pages["a"]`, 0).block("ben", `pages["a"]`, "Do", 1)
	ask("cleo", `pages["b"]`)
	r.do(trace.KindTaskStart, "pages#2", `pages["b"]`, 0)
	r.snap("two share one, another asks for another")
	r.after(100*ms).say(trace.KindSettle, "pages", `pages["a"]`, int64(timeline.ProgressSucceeded), "<html>")
	r.wake("ann", `pages["a"]`, "pages").wake("ben", `pages["a"]`, "pages").do(trace.KindExit, "pages", "", 0)
	r.snap("landed: both have it")
	r.say(trace.KindSettle, "pages#2", `pages["b"]`, int64(timeline.ProgressFailed), "no such page").wake("cleo", `pages["b"]`, "pages#2").do(trace.KindExit, "pages#2", "", 0)
	for _, g := range []string{"ann", "ben"} {
		r.do(trace.KindResume, g, `pages["a"]`, 0)
	}
	r.do(trace.KindResume, "cleo", `pages["b"]`, 0)
	r.snap("the other failed; all go on")
	return r.shots
}

func taskGroupRoll() []shot {
	r := &roll{tape: newTape("main", "boss")}
	r.object("crew", trace.ClassTaskGroup, 2, "").object("rest", trace.ClassTaskGroup, 0, "")
	r.snap("nobody runs")
	spawn := func(by, g, in string) {
		r.add(trace.Event{Kind: trace.KindSpawn, G: r.g(by), Obj: r.objs[in], Peer: r.g(g)})
	}
	leave := func(g, in string, how timeline.Progress, text string, left int64) {
		r.say(trace.KindSettle, g, in, int64(how), text).do(trace.KindTaskDone, g, in, left)
	}
	spawn("main", "ann", "crew")
	r.snap("a place is free")
	spawn("main", "ben", "crew")
	r.after(100*ms).block("main", "crew", "Go", 1).block("boss", "crew", "Wait", 1)
	spawn("ben", "dora", "rest")
	r.snap("full: one waits for a place, one for the end")
	leave("ann", "crew", timeline.ProgressSucceeded, "", 1)
	r.wake("main", "crew", "ann").do(trace.KindExit, "ann", "", 0).do(trace.KindResume, "main", "crew", 0)
	spawn("main", "cleo", "crew")
	r.snap("it has got the place")
	leave("ben", "crew", timeline.ProgressFailed, "no such page", 1)
	r.do(trace.KindExit, "ben", "", 0)
	r.say(trace.KindCancel, "boss", "rest", 0, "enough")
	r.snap("one failed; the other group was canceled")
	leave("cleo", "crew", timeline.ProgressSucceeded, "", 0)
	r.wake("boss", "crew", "cleo").do(trace.KindExit, "cleo", "", 0)
	r.snap("all have ended")
	return r.shots
}

func watchRoll() []shot {
	r := &roll{tape: newTape("main", "ann", "ben", "cleo")}
	r.object("config", trace.ClassWatch, 1, "")
	r.snap("nobody has set it since")
	r.block("ann", "config", "Wait", 1).block("ben", "config", "WaitTimeout", 1).block("cleo", "config", "Wait", 5)
	r.snap("two wait for the next version, one for a later one")
	r.after(100*ms).say(trace.KindSet, "main", "config", 2, "debug")
	r.wake("ann", "config", "main").do(trace.KindPass, "ann", "config", 2).wake("ben", "config", "main").do(trace.KindPass, "ben", "config", 2)
	r.snap("set: two have it")
	r.do(trace.KindResume, "ann", "config", 0).block("ann", "config", "Wait", 2)
	r.say(trace.KindSet, "main", "config", 3, "a value that is much longer than there is room for on most of the boards")
	r.snap("set once more")
	return r.shots
}
