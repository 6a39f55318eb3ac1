package goroot

import "strings"

// behind inserts lines after the only line that matches anchor.
func behind(file, anchor, lines string) patch { return at(file, anchor, 1, "${0}\n"+lines) }

// before inserts lines before each of the n lines that match anchor.
func before(file, anchor string, n int, lines string) patch {
	return at(file, anchor, n, lines+"\n${0}")
}

// tellIf returns lines that execute call if tellOn, indented by n tabs.
func tellIf(n int, call string) string {
	in := strings.Repeat("\t", n)
	return in + "if tellOn {\n" + in + "\t" + call + "\n" + in + "}"
}

// tellFirst makes a function begin with call, if tellOn.
func tellFirst(file, fn, call string) patch {
	return first(file, fn, strings.TrimPrefix(tellIf(1, call), "\t"))
}

// tellWithin makes a method record the object at which it may wait until it returns.
func tellWithin(file, fn, class, verb, recv, end string) patch {
	return first(file, fn, "if tellOn {\n\t\truntime_tellBegin("+class+", "+verb+", unsafe.Pointer("+recv+"))\n\t\tdefer "+end+"\n\t}")
}

// tellPatches make the standard library report to the watcher what a program does. They are applied in this order.
var tellPatches = []patch{
	behind("runtime/proc.go", `^\tgoenvs\(\)$`, "\ttellInit()"),

	// Goroutines.
	behind("runtime/runtime2.go", `^\tvalgrindStackID uintptr$`, "\ttellState"), // behind all else, which stays where it is
	behind("runtime/proc.go", `^\tgp\.bubble = nil$`, "\tgp.tellState = tellState{}"),
	at("runtime/proc.go", `^\tsystemstack\(func\(\) \{\n(\t\tnewg := newproc1\(fn, gp, pc, false, waitReasonZero\))$`, 1,
		"\ttold := tellSpawner(fn)\n\tsystemstack(func() {\n${1}\n\t\tif told != 0 {\n\t\t\ttellSpawn(gp, newg, fn, told)\n\t\t}"),
	tellFirst("runtime/proc.go", `goexit1\(`, "tellExit()"),

	// Channels.
	at("runtime/chan.go", `^\telemtype \*_type.*$`, 1, "${0}\n\ttellID   uint64"),
	behind("runtime/chan.go", `^\tlockInit\(&c\.lock, lockRankHchan\)$`, tellIf(1, "tellMake(c)")),
	behind("runtime/chan.go", `^\t\tc\.qcount\+\+$`, tellIf(2, "tellPut(c)")),
	at("runtime/chan.go", `^\t\tc\.qcount--\n(\t\tunlock\(&c\.lock\))$`, 1, "\t\tc.qcount--\n"+tellIf(2, "tellGet(c)")+"\n${1}"),
	tellFirst("runtime/chan.go", `send\(c \*hchan`, "tellHand(c, sg)"),
	tellFirst("runtime/chan.go", `recv\(c \*hchan`, "tellTake(c, sg)"),
	behind("runtime/chan.go", `^\t\tif c\.qcount == 0 \{$`, tellIf(3, "tellShut(c)")),
	behind("runtime/chan.go", `^\tc\.closed = 1$`, tellIf(1, "tellClose(c)")),
	before("runtime/chan.go", `^\t\tglist\.push\(gp\)$`, 2, tellIf(2, "tellReady(gp)")),
	before("runtime/chan.go", `^\t// Block on the channel\. .*$`, 1, tellIf(1, "tellBlockChan(c, tellSend)")),
	before("runtime/chan.go", `^\t// no sender available: block on this channel\.$`, 1, tellIf(1, "tellBlockChan(c, tellReceive)")),
	before("runtime/chan.go", `^\t// someone woke us up\.?$`, 2, tellIf(1, "tellResume()")),
	before("runtime/chan.go", `^\t\tgopark\(nil, nil, waitReasonChanSendNilChan, .*$`, 1, tellIf(2, "tellBlockNil(tellSend)")),
	before("runtime/chan.go", `^\t\tgopark\(nil, nil, waitReasonChanReceiveNilChan, .*$`, 1, tellIf(2, "tellBlockNil(tellReceive)")),
	before("runtime/select.go", `^\tgopark\(nil, nil, waitReasonSelectNoCases, .*$`, 1, tellIf(1, "tellBlockNil(tellChoose)")),
	behind("runtime/select.go", `^\tc\.qcount\+\+$`, tellIf(1, "tellSelectPut(c)")),
	behind("runtime/select.go", `^\tc\.qcount--$`, tellIf(1, "tellSelectGet(c)")),
	behind("runtime/select.go", `^rclose:$`, tellIf(1, "tellShut(c)")),
	before("runtime/select.go", `^\t// pass 2 - enqueue on all chans$`, 1, tellIf(1, "tellBlockSelect(scases, nsends)")),
	before("runtime/select.go", `^\t// pass 3 - dequeue from unsuccessful chans$`, 1, tellIf(1, "tellResume()")),

	// Semaphores, and the queues of conditions.
	at("runtime/sema.go", `^\t\tgoparkunlock\(&root\.lock, .*$`, 1, tellIf(2, "tellBlockSema(addr, lifo)")+"\n${0}\n"+tellIf(2, "tellResume()")),
	before("runtime/sema.go", `^\t\treadyWithTime\(s, 5\+skipframes\)$`, 1, tellIf(2, "tellReady(s.g)")),
	at("runtime/sema.go", `^\tgoparkunlock\(&l\.lock, .*$`, 1, tellIf(1, "tellBlockCond(l, t)")+"\n${0}\n"+tellIf(1, "tellResume()")),
	before("runtime/sema.go", `^\t+readyWithTime\(s, 4\)$`, 2, tellIf(2, "tellReady(s.g)")),
	before("runtime/sema.go", `^\tatomic\.Store\(&l\.notify, l\.wait\.Load\(\)\)$`, 1, tellIf(1, "tellNotify(tellBroadcast, l, 0)")),
	before("runtime/sema.go", `^\tatomic\.Store\(&l\.notify, t\+1\)$`, 1, tellIf(1, "tellNotify(tellSignal, l, int64(t))")),
	behind("runtime/sema.go", `^\t// we don't need to acquire the lock\.\n\tif l\.wait\.Load\(\) == atomic\.Load\(&l\.notify\) \{$`, tellIf(2, "tellNotify(tellBroadcast, l, tellNobody)")),
	behind("runtime/sema.go", `^\t// we don't need to acquire the lock at all\.\n\tif l\.wait\.Load\(\) == atomic\.Load\(&l\.notify\) \{$`, tellIf(2, "tellNotify(tellSignal, l, tellNobody)")),
	behind("runtime/sema.go", `^\tif t == l\.wait\.Load\(\) \{$`, tellIf(2, "tellNotify(tellSignal, l, tellNobody)")),

	// Time, and the network.
	behind("runtime/time.go", `^\tgp\.sleepWhen = when$`, tellIf(1, "tellSleep(ns)")),
	at("runtime/time.go", `^\t\tgopark\(.*, nil, waitReasonSleep, traceBlockSleep, 1\)$`, 2, "${0}\n"+tellIf(2, "tellResume()")),
	behind("runtime/time.go", `^\tisSending atomic\.Int32$`, "\n\ttellID uint64"),
	before("runtime/time.go", `^\tt\.modify\(when, period, f, arg, 0\)$`, 1, tellIf(1, "tellNewTimer(t, c, when)")),
	tellFirst("runtime/time.go", `stopTimer\(`, "tellOfTimer(tellTimerStop, &t.timer, 0)"),
	tellFirst("runtime/time.go", `resetTimer\(`, "tellOfTimer(tellTimerSet, &t.timer, when)"),
	behind("runtime/time.go", `^\tt\.when = next$`, tellIf(1, "tellOfTimer(tellTimerFire, t, next)")),
	at("runtime/netpoll.go", `^\t\tgopark\(netpollblockcommit, .*$`, 1, tellIf(2, "tellBlockIO(mode)")+"\n${0}\n"+tellIf(2, "tellResume()")),

	// Package sync. Operations that the methods of some types perform on inner objects are not reported.
	at("sync/mutex.go", `^import \($`, 1, "${0}\n\t\"unsafe\""),
	before("sync/mutex.go", `^\tm\.mu\.Lock\(\)$`, 1, "\tif tellOn {\n\t\tm.tellLock()\n\t\treturn\n\t}"),
	before("sync/mutex.go", `^\treturn m\.mu\.TryLock\(\)$`, 1, "\tif tellOn {\n\t\treturn m.tellTryLock()\n\t}"),
	before("sync/mutex.go", `^\tm\.mu\.Unlock\(\)$`, 1, tellIf(1, "runtime_tellSync(tellReleased, tellMutex, tellUnlock, unsafe.Pointer(m), 0, 0)")),
	tellWithin("sync/rwmutex.go", `\(rw \*RWMutex\) RLock\(`, "tellRWMutex", "tellRLock", "rw", "runtime_tellGotIt(tellAcquired, tellRWMutex, tellRLock, unsafe.Pointer(rw))"),
	tellWithin("sync/rwmutex.go", `\(rw \*RWMutex\) Lock\(`, "tellRWMutex", "tellLock", "rw", "runtime_tellGotIt(tellAcquired, tellRWMutex, tellLock, unsafe.Pointer(rw))"),
	tellFirst("sync/rwmutex.go", `\(rw \*RWMutex\) RUnlock\(`, "runtime_tellSync(tellReleased, tellRWMutex, tellRUnlock, unsafe.Pointer(rw), 0, 0)"),
	tellFirst("sync/rwmutex.go", `\(rw \*RWMutex\) Unlock\(`, "runtime_tellSync(tellReleased, tellRWMutex, tellUnlock, unsafe.Pointer(rw), 0, 0)"),
	at("sync/rwmutex.go", `^func \(rw \*RWMutex\) (TryR?Lock)\(\) bool \{$`, 2,
		"${0}\n\tok := rw.tell${1}()\n\tif tellOn {\n\t\ttellTried(ok, tellRWMutex, tell${1}, unsafe.Pointer(rw))\n\t}\n\treturn ok\n}\n\nfunc (rw *RWMutex) tell${1}() bool {"),
	at("sync/rwmutex.go", `\brw\.w\.(Lock|TryLock|Unlock)\(\)`, 4, "rw.w.mu.${1}()"),
	behind("sync/waitgroup.go", `^\tv := int32\(state >> 32\)$`, tellIf(1, "runtime_tellSync(tellAdded, tellWaitGroup, 0, unsafe.Pointer(wg), int64(v), int64(delta))")),
	tellWithin("sync/waitgroup.go", `\(wg \*WaitGroup\) Wait\(`, "tellWaitGroup", "tellWait", "wg", "runtime_tellEnd()"),
	behind("sync/waitgroup.go", `^\t\tif v == 0 \{$`, tellIf(3, "runtime_tellSync(tellPassed, tellWaitGroup, tellWait, unsafe.Pointer(wg), 0, 0)")),
	at("sync/once.go", `^import \($`, 1, "${0}\n\t\"unsafe\""),
	at("sync/once.go", `^\to\.m\.Lock\(\)$`, 1, tellIf(1, "runtime_tellBegin(tellOnce, tellDo, unsafe.Pointer(o))")+"\n\to.m.mu.Lock()\n"+tellIf(1, "runtime_tellEnd()")),
	at("sync/once.go", `\bo\.m\.Unlock\(\)`, 1, "o.m.mu.Unlock()"),
	at("sync/once.go", `^\t\tdefer o\.done\.Store\(true\)$`, 1,
		"${0}\n\t\tif tellOn {\n\t\t\truntime_tellSync(tellRuns, tellOnce, tellDo, unsafe.Pointer(o), 0, 0)\n\t\t\tdefer runtime_tellSync(tellHasRun, tellOnce, tellDo, unsafe.Pointer(o), 0, 0)\n\t\t}"),
}

// tellAdded are the files added to the standard library for reporting, by their paths below src, with the names of
// their texts.
var tellAdded = map[string]string{
	"runtime/turnstile.go":         "tell_runtime.go.txt",
	"runtime/turnstile_amd64.go":   "tell_amd64.go.txt",
	"runtime/turnstile_amd64.s":    "tell_amd64.s.txt",
	"runtime/turnstile_noamd64.go": "tell_noamd64.go.txt",
	"sync/turnstile.go":            "tell_sync.go.txt",
}
