package goroot

import (
	"embed"
	"fmt"
	"go/version"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A patch changes a file of the standard library.
type patch struct {
	file   string // below src
	anchor string // a regular expression, of whole lines
	n      int    // the number of matches
	with   string // the replacement; ${0} and ${1} are the matched text and its group

	since, until string // the first language version that it is for, such as "go1.27", and the first that it is not for; "": no limit
}

// at replaces each of the n matches of anchor by with, in which ${0} is the matched text.
func at(file, anchor string, n int, with string) patch {
	return patch{file: file, anchor: anchor, n: n, with: with}
}

// first inserts lines at the beginning of a function.
func first(file, fn, lines string) patch {
	return patch{file: file, anchor: `^func ` + fn + `.*\{$`, n: 1, with: "${0}\n\t" + lines}
}

// point inserts the point of an operation at the beginning of a method. kind is named by the file added to the
// package. If the run is dead the method does nothing. blocks says whether the operation may have to wait.
func point(file, recv, fn, kind, blocks string) patch {
	return pointOr(file, recv, fn, kind, blocks, "return")
}

// pointOr is point for a method that returns something; otherwise is what it executes when its run is dead.
func pointOr(file, recv, fn, kind, blocks, otherwise string) patch {
	name, _, _ := strings.Cut(recv, " ")
	return first(file, regexp.QuoteMeta("("+recv+") "+fn+"("),
		"if tsActive && tsAsk(runtime_tsPoint, "+kind+", unsafe.Pointer("+name+"), "+blocks+") {\n\t\t"+otherwise+"\n\t}")
}

// pointIfRace is point for a method that asks the explorer by itself, except with the race detector.
func pointIfRace(file, recv, fn, kind, blocks string) patch {
	p := point(file, recv, fn, kind, blocks)
	p.with = strings.Replace(p.with, "if tsActive", "if race.Enabled && tsActive", 1)
	return p
}

// Arguments of a point.
const (
	blocks = "true"
	never  = "false"
)

// notOfGC keeps the garbage collector, which is not part of the program, from being explored.
const (
	asGC    = "if gp := getg(); gp.tsTask != nil {\n\t\twas := gp.tsIn\n\t\tgp.tsIn = tsEngine\n\t\tdefer func() { gp.tsIn = was }()\n\t}"
	notOfGC = "\t" + asGC + "\n${0}"
)

// hashKey matches the assignment of a number on which all hashes depend, and sameHashKey makes the number the same in
// every process.
const (
	hashKey     = `\[i\] = (uintptr\()?bootstrapRand\(\)`
	sameHashKey = "[i] = ${1}uint64(i+1) * 0x9e3779b97f4a7c15"
)

// noteInsertion records the insertion of an element into a map.
const noteInsertion = "${0}\n${1}if tsActive {\n${1}\tt.tsPut(typ, g, i)\n${1}}"

// tsLockSlow and tsUnlockSlow are the functions that continue the methods of sync.Mutex if it is locked, if there are waiters, or if
// there is an explorer. Another function between them and these methods would make a contended mutex slower.
const (
	tsLockSlow = "// TsLockSlow continues Lock if m is locked, or there is an explorer.\n" +
		"func (m *Mutex) TsLockSlow(by int) {\n" +
		"\tif by == TsOfSync && tsActive && runtime_tsPoint(tsLock, unsafe.Pointer(m), true) {\n\t\treturn\n\t}"
	tsUnlockSlow = "// TsUnlockSlow continues Unlock if there are waiters, or an explorer to ask.\n" +
		"func (m *Mutex) TsUnlockSlow(new int32, by int) {\n" +
		"\tif new >= tsAsked {\n" +
		"\t\ttsAddInt32(&m.state, -tsAsked)\n" +
		"\t\tif runtime_tsPoint(tsUnlock, unsafe.Pointer(m), false) {\n\t\t\treturn\n\t\t}\n" +
		"\t\tif new = tsAddInt32(&m.state, -mutexLocked); new == 0 {\n\t\t\treturn\n\t\t}\n\t}"
)

// patches make the standard library call the explorer before a program's operations. They are applied in this order.
var patches = []patch{
	// Goroutines.
	at("runtime/runtime2.go", `^\tvalgrindStackID uintptr$`, 1, "${0}\n\ttsState"), // behind all else, which stays where it is
	at("runtime/proc.go", `^\tgp\.bubble = nil$`, 1, "${0}\n\tif tsActive {\n\t\tgp.tsState = tsState{}\n\t}"),
	first("runtime/proc.go", `gopark\(`, "if tsActive && tsGopark(unlockf, lock, reason, traceReason, traceskip) {\n\t\treturn\n\t}"),
	first("runtime/proc.go", `goready\(`, "if tsActive && gp.tsParked && tsWaits(gp) {\n\t\ttsReady(gp)\n\t\treturn\n\t}"),
	first("runtime/proc.go", `newproc\(`, "if tsActive && tsSpawn(fn, sys.GetCallerPC()) {\n\t\treturn\n\t}"),
	first("runtime/proc.go", `Gosched\(`, "if tsActive && getg().tsTask != nil && tsGosched() {\n\t\treturn\n\t}"),
	first("runtime/proc.go", `internal_sync_runtime_canSpin\(`, "if tsActive && getg().tsTask != nil {\n\t\treturn false\n\t}"),
	first("runtime/coro.go", `coroswitch\(`, "if tsActive {\n\t\ttsCarry(c)\n\t}"),
	first("runtime/coro.go", `coroexit\(`, "if tsActive {\n\t\ttsCarry(c)\n\t\ttsCoroEnds()\n\t}"),
	first("runtime/debug.go", `NumGoroutine\(`, "if tsActive && tsOn() {\n\t\treturn tsCount()\n\t}"),
	first("runtime/proc.go", `LockOSThread\(`, "if tsActive && tsOn() {\n\t\ttsLocksThread = true\n\t\treturn // tasks share threads\n\t}"),
	first("runtime/proc.go", `UnlockOSThread\(`, "if tsActive && tsOn() {\n\t\treturn\n\t}"),
	at("runtime/mprof.go", `^\t\t\t\ttracebackothers\(gp\)$`, 1, "\t\t\t\ttsTracebackOthers(gp)"),
	at("runtime/traceback.go", `^\tfor ; n < len\(pcBuf\) && u\.valid\(\); u\.next\(\) \{$`, 1, "${0}\n\t\tif tsActive && tsBeyond(u) {\n\t\t\treturn n + tsOuterPCs(u.g.ptr(), skip, pcBuf[n:])\n\t\t}"),
	at("runtime/traceback.go", `^\tfor ; u\.valid\(\); u\.next\(\) \{$`, 1, "${0}\n\t\tif tsActive && level < 2 && tsBeyond(u) {\n\t\t\ttsPrintOuter(gp, commitFrame)\n\t\t\treturn\n\t\t}"),
	at("runtime/panic.go", `\bgp\.param\b`, 5, "gp.tsParam"),
	first("runtime/mstats.go", `ReadMemStats\(`, "if tsOn() {\n\t\ttsMeasures()\n\t}"),
	first("runtime/metrics.go", `readMetrics\(`, "if tsOn() {\n\t\ttsMeasures()\n\t}"),
	at("os/exec.go", `^\treturn p\.wait\(\)$`, 1, "\treturn turnstileWait(p.wait)"),
	first("runtime/mgc.go", `GC\(`, asGC),
	at("runtime/mgc.go", `^\tif gp := getg\(\); gp\.bubble != nil \{$`, 1, notOfGC),
	at("runtime/mgc.go", `^\t\t<-ready$`, 1, "\t\tfor getg().tsParked && len(ready) == 0 {\n\t\t\tGosched() // it is in the queue of a channel already\n\t\t}\n${0}"),
	at("runtime/mgcmark.go", `^\tif gp := getg\(\); gp\.bubble != nil \{$`, 1, notOfGC),

	// Channels.
	first("runtime/chan.go", `chansend\(`, "if tsActive && !tsSends(c) && tsChan(tsSend, c, ep, block) {\n\t\treturn false\n\t}"),
	first("runtime/chan.go", `chanrecv\(`, "if tsActive && !tsReceives(c) && tsChan(tsRecv, c, nil, block) {\n\t\treturn false, false\n\t}"),
	at("runtime/chan.go", `^\telemsize uint16$`, 1, "${0}\n\ttsTimer  bool // it is that of a timer of the explorer's"),
	first("runtime/chan.go", `chanlen\(`, "if tsActive && c != nil && tsLen(c) {\n\t\treturn 0\n\t}"),
	first("runtime/chan.go", `chancap\(`, "if tsActive && c != nil && c.tsTimer {\n\t\treturn 0\n\t}"),
	first("runtime/chan.go", `closechan\(`, "if tsActive && c != nil && tsChan(tsClose, c, nil, false) {\n\t\treturn\n\t}"),
	at("runtime/select.go", `^\tlockorder = lockorder\[:norder\]$`, 1, "${0}\n\tif tsActive && tsSelect(cas0, order0, ncases, nsends, block) {\n\t\treturn -1, false\n\t}"),

	// Semaphores and the queues of conditions. Tasks wait until they need not wait there.
	at("runtime/sema.go", `^\tsemacquire1\(addr, (\w+), (semaBlockProfile.*), (waitReason\w+|reason)\)$`, 6, "\tif tsActive {\n\t\ttsSemacquire(addr, ${3})\n\t}\n${0}"),
	at("runtime/sema.go", `^\tsemrelease1\(addr, (handoff), skipframes\)$`, 2, "\tif tsActive && tsIsDead() {\n\t\treturn\n\t}\n${0}"),
	first("runtime/sema.go", `notifyListWait\(`, "if tsActive {\n\t\ttsCondWait(l, t)\n\t}"),
	at("runtime/sema.go", `^(\t+)s\.g\.waiting = (s|nil)$`, 4, "${1}if !tsActive || !s.g.tsParked {\n${1}\ts.g.waiting = ${2}\n${1}}"),
	first("runtime/sema.go", `internal_sync_nanotime\(`, "if tsActive {\n\t\tif now, ok := tsNow(); ok {\n\t\t\treturn now\n\t\t}\n\t}"), // when a mutex is starving

	// Time and chance.
	first("runtime/time.go", `time_runtimeNow\(`, "if tsActive {\n\t\tif now, ok := tsNow(); ok {\n\t\t\treturn now / 1e9, int32(now % 1e9), tsMono(now)\n\t\t}\n\t}"),
	first("runtime/time.go", `time_runtimeNano\(`, "if tsActive {\n\t\tif now, ok := tsNow(); ok {\n\t\t\treturn now\n\t\t}\n\t}"),
	first("runtime/time.go", `time_runtimeIsBubbled\(`, "if tsActive && tsOn() {\n\t\treturn true\n\t}"),
	at("runtime/time.go", `^\tgoready\(arg\.\(\*g\), 0\)$`, 1, "\tgp := arg.(*g)\n\tsystemstack(func() { ready(gp, 2, true) }) // the explorer sleeps, also in a goroutine that waits for it"),
	first("runtime/time.go", `timeSleep\(`, "if tsActive && tsSleep(ns) {\n\t\treturn\n\t}"),
	first("runtime/time.go", `newTimer\(`, "if tsActive {\n\t\tif t := tsNewTimer(when, period, f, arg, c); t != nil {\n\t\t\treturn t\n\t\t}\n\t}"),
	first("runtime/time.go", `stopTimer\(`, "if tsActive {\n\t\tif was, ok := tsStopTimer(t); ok {\n\t\t\treturn was\n\t\t}\n\t}"),
	first("runtime/time.go", `resetTimer\(`, "if tsActive {\n\t\tif was, ok := tsResetTimer(t, when, period); ok {\n\t\t\treturn was\n\t\t}\n\t}"),
	first("runtime/rand.go", `rand\(`, "if tsActive {\n\t\tif x, ok := tsRandom(getfp()); ok {\n\t\t\treturn x\n\t\t}\n\t}"),
	at("internal/runtime/maps/table.go", `^\tit\.(entryOffset|dirOffset) = rand\(\)$`, 2, "\tit.${1} = tsIterRand(m.used)"),
	first("runtime/rand.go", `maps_rand\(`, "if tsActive && tsOn() {\n\t\treturn tsRand(false)\n\t}"),

	// Maps and their order, where that would depend on the process or on addresses.
	{file: "runtime/alg.go", anchor: hashKey, n: 2, with: sameHashKey, until: "go1.27"},
	{file: "internal/runtime/maps/runtime_alg.go", anchor: hashKey, n: 2, with: sameHashKey, since: "go1.27"},
	at("internal/runtime/maps/table.go", `^\tgroups groupsReference$`, 1, "${0}\n\n\tts *tsTable"),
	{file: "internal/runtime/maps/table.go", anchor: `^(\t+)t\.used\+\+$`, n: 2, with: noteInsertion, until: "go1.27"},
	{file: "internal/runtime/maps/table.go", anchor: `^(\t+)t\.used\+\+$`, n: 3, with: noteInsertion, since: "go1.27"},
	at("internal/runtime/maps/runtime.go", `^(\t+)t\.used\+\+$`, 1, noteInsertion),
	{file: "internal/runtime/maps/runtime_fast64.go", anchor: `^(\t+)t\.used\+\+$`, n: 2, with: noteInsertion, until: "go1.27"},
	{file: "internal/runtime/maps/runtime_fast64.go", anchor: `^(\t+)t\.used\+\+$`, n: 4, with: noteInsertion, since: "go1.27"},
	at("internal/runtime/maps/table.go", `^(\t+)newTable\.uncheckedPutSlot\(typ, hash, key, elem\)$`, 2, "${1}if tsActive {\n${1}\tnewTable.tsMove(t, i, j)\n${1}}\n${0}"),
	at("internal/runtime/maps/table.go", `^\t\*t2 = \*t$`, 1, "${0}\n\tt2.ts = t.ts.clone()"),
	at("internal/runtime/maps/table.go", `^\tit\.clearSeq = m\.clearSeq$`, 1, "${0}\n\tif tsActive {\n\t\tit.tsOrder()\n\t}"),
	at("internal/runtime/maps/table.go", `^\tif it\.dirIdx < 0 \{$`, 1, "${0}\n\t\tif it.dirIdx == tsOrdered {\n\t\t\tit.tsNext()\n\t\t\treturn\n\t\t}"),
	at("internal/sync/hashtriemap.go", `^\toverflow atomic\.Pointer\[entry\[K, V\]\].*$`, 1, "\tts uint32 // where there is room\n${0}"),
	at("internal/sync/hashtriemap.go", `^\treturn (&entry\[K, V\]\{\n(?:\t\t.*\n)+\t\})$`, 1, "\te := ${1}\n\te.ts = tsStored()\n\treturn e"),

	at("runtime/sigqueue.go", `^func signal_(enable|disable|ignore)\(s uint32\) \{$`, 3, "${0}\n\tif tsBegins() {\n\t\tdefer tsEnds() // another goroutine of the runtime takes part\n\t}"),

	// Bubbles of testing/synctest. An error that is fatal without the explorer is a panic of the task that causes it.
	at("runtime/synctest.go", `^\tbubble := &synctestBubble\{$`, 1, "\tif tsBubbleRun(f) {\n\t\treturn\n\t}\n${0}"),
	first("runtime/synctest.go", `synctestWait\(`, "if tsBubbleWait() {\n\t\treturn\n\t}"),
	at("runtime/chan.go", `^(\t+if c\.bubble != nil && getg\(\)\.bubble != c\.bubble) \{$`, 5, "${1} && getg().tsIn != tsEngine {"),
	at("runtime/chan.go", `^(\t+)fatal\((".* synctest channel from outside bubble")\)$`, 5, "${1}tsFatal(${2})"),
	at("runtime/select.go", `^(\t+if getg\(\)\.bubble != cas\.c\.bubble) \{$`, 1, "${1} && getg().tsIn != tsEngine {"),
	at("runtime/select.go", `^(\t+)fatal\((".* synctest channel from outside bubble")\)$`, 1, "${1}tsFatal(${2})"),
	at("sync/waitgroup.go", `^(\t+)fatal\((".* synctest bubbles?")\)$`, 3, "${1}runtime_tsFatal(${2})"),
	at("testing/testing.go", `^\tif !<-t2\.signal \{$`, 1, "\tturnstileAwait(t2.signal)\n${0}"),

	// Package sync. Calls that the compiler inlines stay inlined: the inlined code compares with, or adds, variables
	// instead of constants; their values differ as soon as there is an explorer, which is then asked in the slow
	// path. With the race detector the compiler cannot inline them, and the explorer is asked first: see
	// files/sync.go.txt.
	at("internal/sync/mutex.go", `\batomic\.(CompareAndSwap|Add)Int32\(`, 7, "ts${1}Int32("),
	at("internal/sync/mutex.go", `^\t"sync/atomic"$`, 1, ""),
	at("internal/sync/mutex.go", `^\tm\.lockSlow\(\)$`, 1, "\tm.TsLockSlow(tsOfMutex)"),
	at("internal/sync/mutex.go", `^\t\tm\.unlockSlow\(new\)$`, 1, "\t\tm.TsUnlockSlow(new, tsOfMutex)"),
	at("internal/sync/mutex.go", `^func \(m \*Mutex\) lockSlow\(\) \{$`, 1, tsLockSlow),
	at("internal/sync/mutex.go", `^func \(m \*Mutex\) unlockSlow\(new int32\) \{$`, 1, tsUnlockSlow),
	at("internal/sync/mutex.go", `\b(runtime_Semacquire|runtime_Semrelease)(\w*\(.*), 2\)$`, 3, "${1}${2}, by)"),
	at("internal/sync/hashtriemap.go", `\batomic\.(Pointer|Uint32|Bool)\b`, 8, "ts${1}"),
	at("internal/sync/hashtriemap.go", `^\t"sync/atomic"$`, 1, ""),
	at("internal/sync/hashtriemap.go", `^(func \(ht \*HashTrieMap\[K, V\]\) (Load|LoadOrStore|CompareAndSwap|CompareAndDelete|Clear)\(.*\{)\n\tht\.init\(\)$`, 5, "${1}\n\tif ht.inited.Load() != tsInited {\n\t\tht.tsInit(TsMap${2})\n\t}"),
	at("internal/sync/hashtriemap.go", `^(func \(ht \*HashTrieMap\[K, V\]\)) (Swap|LoadAndDelete)\((.*\{)\n\tht\.init\(\)$`, 2, "${1} Ts${2}(kind uint8, ${3}\n\tif ht.inited.Load() != tsInited {\n\t\tht.tsInit(kind)\n\t}"),
	at("internal/sync/hashtriemap.go", `^\t_, _ = ht\.Swap\(`, 1, "\t_, _ = ht.TsSwap(TsMapStore, "),
	at("internal/sync/hashtriemap.go", `^\t_, _ = ht\.LoadAndDelete\(`, 1, "\t_, _ = ht.TsLoadAndDelete(TsMapDelete, "),
	at("internal/sync/hashtriemap.go", `^(func \(ht \*HashTrieMap\[K, V\]\) Range\(.*\{)\n\tht\.init\(\)$`, 1, "${1}\n\tif ht.inited.Load() != tsInited {\n\t\tht.tsInit(TsMapRange)\n\t}\n\tif tsActive && tsOn() {\n\t\tht.tsRange(yield)\n\t\treturn\n\t}"),
	at("sync/mutex.go", `^import \($`, 1, "${0}\n\t\"internal/race\"\n\t\"internal/runtime/atomic\"\n\t\"unsafe\""),
	pointIfRace("sync/mutex.go", "m *Mutex", "Lock", "tsLock", blocks),
	pointOr("sync/mutex.go", "m *Mutex", "TryLock", "tsTryLock", never, "return false"),
	pointIfRace("sync/mutex.go", "m *Mutex", "Unlock", "tsUnlock", never),
	at("sync/mutex.go", `^\tm\.mu\.Lock\(\)$`, 1, "\tif race.Enabled {\n\t\tm.mu.Lock()\n\t} else if !atomic.Casint32((*int32)(unsafe.Pointer(&m.mu)), tsUnlocked, 1) {\n\t\tm.mu.TsLockSlow(isync.TsOfSync)\n\t}"),
	at("sync/mutex.go", `^\tm\.mu\.Unlock\(\)$`, 1, "\tif race.Enabled {\n\t\tm.mu.Unlock()\n\t} else if new := atomic.Xaddint32((*int32)(unsafe.Pointer(&m.mu)), tsUnlocks); new != 0 {\n\t\tm.mu.TsUnlockSlow(new, isync.TsOfSync)\n\t}"),
	pointIfRace("sync/rwmutex.go", "rw *RWMutex", "RLock", "tsRLock", blocks),
	pointOr("sync/rwmutex.go", "rw *RWMutex", "TryRLock", "tsTryRLock", never, "return false"),
	pointIfRace("sync/rwmutex.go", "rw *RWMutex", "RUnlock", "tsRUnlock", never),
	point("sync/rwmutex.go", "rw *RWMutex", "Lock", "tsWLock", blocks),
	pointOr("sync/rwmutex.go", "rw *RWMutex", "TryLock", "tsTryWLock", never, "return false"),
	point("sync/rwmutex.go", "rw *RWMutex", "Unlock", "tsWUnlock", never),
	at("sync/rwmutex.go", `\brw\.w\.(Lock|TryLock|Unlock)\(\)`, 4, "rw.w.mu.${1}()"),
	at("sync/rwmutex.go", `\batomic\.Int32\b`, 2, "isync.TsInt32"),
	at("sync/rwmutex.go", `^\t"sync/atomic"$`, 1, "\tisync \"internal/sync\""),
	at("sync/rwmutex.go", `^\tif rw\.readerCount\.Add\(1\) < 0 \{$`, 1, "\tif rw.readerCount.Add(tsOne) < tsWriters {"),
	at("sync/rwmutex.go", `^\t\truntime_SemacquireRWMutexR\(&rw\.readerSem, false, 0\)$`, 1, "\t\trw.tsRLockSlow()"),
	at("sync/rwmutex.go", `^\tif r := rw\.readerCount\.Add\(-1\); r < 0 \{$`, 1, "\tif r := rw.readerCount.Add(tsMinusOne); r < tsWriters {"),
	first("sync/rwmutex.go", `\(rw \*RWMutex\) rUnlockSlow\(`, "if tsActive && !race.Enabled {\n\t\tif runtime_tsPoint(tsRUnlock, unsafe.Pointer(rw), false) {\n\t\t\treturn\n\t\t}\n\t\tif r = rw.readerCount.Add(-1); r >= 0 {\n\t\t\treturn\n\t\t}\n\t}"),
	at("sync/waitgroup.go", `\batomic\.Uint64\b`, 1, "isync.TsUint64"),
	at("sync/waitgroup.go", `^\t"sync/atomic"$`, 1, "\tisync \"internal/sync\""),
	point("sync/waitgroup.go", "wg *WaitGroup", "Add", "tsAdd", never),
	point("sync/waitgroup.go", "wg *WaitGroup", "Wait", "tsWait", blocks),
	pointIfRace("sync/once.go", "o *Once", "Do", "tsDo", blocks),
	at("sync/once.go", `^\tif !o\.done\.Load\(\) \{(\n\t\t// Outlined slow-path)`, 1, "\tif !o.tsDone() {${1}"),
	at("sync/once.go", `^\to\.m\.Lock\(\)$`, 1, "\tif !o.tsLock() && o.tsLockSlow(f) {\n\t\treturn\n\t}"),
	at("sync/once.go", `^\tif !o\.done\.Load\(\) \{$`, 1, "\tif !o.tsIsDone() {"),
	at("sync/once.go", `\bo\.done\.Store\(true\)`, 1, "o.tsSetDone()"),
	at("sync/once.go", `\bo\.m\.Unlock\(\)`, 1, "o.m.mu.Unlock()"),
	at("sync/once.go", `^import \($`, 1, "${0}\n\t\"internal/race\"\n\t\"unsafe\""),
	point("sync/cond.go", "c *Cond", "Wait", "tsCondWait", blocks),
	point("sync/cond.go", "c *Cond", "Signal", "tsSignal", never),
	point("sync/cond.go", "c *Cond", "Broadcast", "tsBroadcast", never),
	at("sync/map.go", `\bm\.m\.(Swap|LoadAndDelete)\(`, 2, "m.m.Ts${1}(isync.TsMap${1}, "), // which is then put in the place of calls
	at("sync/map.go", `^import \($`, 1, "${0}\n\t\"internal/race\"\n\t\"unsafe\""),
	at("sync/map.go", `^func \(m \*Map\) (Load|Store|Clear|LoadOrStore|LoadAndDelete|Delete|Swap|CompareAndSwap|CompareAndDelete|Range)\(.*\{$`, 10, "${0}\n\tif race.Enabled && tsActive {\n\t\truntime_tsAtomic(isync.TsMap${1}, unsafe.Pointer(m))\n\t}"),
	first("sync/pool.go", `\(p \*Pool\) Put\(`, "if race.Enabled && tsActive && !tsPools && runtime_tsForgets() {\n\t\treturn\n\t}"),
	first("sync/pool.go", `\(p \*Pool\) Get\(`, "if race.Enabled && tsActive && !tsPools && runtime_tsForgets() {\n\t\tif p.New == nil {\n\t\t\treturn nil\n\t\t}\n\t\treturn p.New()\n\t}"),
	first("sync/pool.go", `\(p \*Pool\) pinSlow\(`, "if tsNoPools && !race.Enabled {\n\t\tpid := runtime_procPin()\n\t\truntime_procUnpin() // what pin has done still holds\n\t\treturn tsPin(pid), pid\n\t}"),
	at("sync/pool.go", `^\ts := p\.localSize$`, 1, "\tif tsNoPools && !race.Enabled {\n\t\treturn tsPin(pid), pid\n\t}\n${0}"),

	// Package atomic. Its functions are renamed, and others take their names: see files/sync_atomic_functions.go.txt.
	at("sync/atomic/type.go", `^(func \(x \*[^)]*\) (Load|Store|Swap|CompareAndSwap|Add|And|Or)\(.*?\{) `, 36, "${1} if tsActive { tsTell(runtime_tsAtomic, ts${2}, unsafe.Pointer(x)) }; "),
	at("sync/atomic/type.go", `^(func \(x \*[^)]*\) (Load|Store|Swap|CompareAndSwap|Add|And|Or)\(.*\{)$`, 7, "${1}\n\tif tsActive {\n\t\ttsTell(runtime_tsAtomic, ts${2}, unsafe.Pointer(x))\n\t}"),
	at("sync/atomic/type.go", `\b(Store|Swap|CompareAndSwap)Pointer\(&x\.v\b`, 3, "ts${1}By(ts${1}Part, &x.v"),
	at("sync/atomic/doc.go", `^func (Swap|CompareAndSwap|Add|And|Or|Load|Store)`, 25, "func ts${1}"),
	{file: "sync/atomic/doc.go", anchor: `^//go:linknamestd (Swap|CompareAndSwap|Store)Uintptr$`, n: 3, with: "//go:linknamestd ts${1}Uintptr", since: "go1.27"},
	at("sync/atomic/doc_32.go", `^func (Swap|CompareAndSwap|Add|And|Or|Load|Store)`, 14, "func ts${1}"),
	at("sync/atomic/doc_64.go", `^func (Swap|CompareAndSwap|Add|And|Or|Load|Store)`, 14, "func ts${1}"),
	at("sync/atomic/asm.s", `^TEXT ·`, 36, "TEXT ·ts"),
	at("runtime/race_amd64.s", `\bsync∕atomic·`, 58, "sync∕atomic·ts"),
	at("runtime/race_arm64.s", `\bsync∕atomic·`, 58, "sync∕atomic·ts"),
	at("runtime/race_loong64.s", `\bsync∕atomic·`, 58, "sync∕atomic·ts"),
	at("runtime/race_ppc64le.s", `\bsync∕atomic·`, 58, "sync∕atomic·ts"),
	at("runtime/race_riscv64.s", `\bsync∕atomic·`, 58, "sync∕atomic·ts"),
	at("runtime/race_s390x.s", `\bsync∕atomic·`, 58, "sync∕atomic·ts"),
	at("runtime/race.go", `^(//go:linkname abigen_sync_atomic_\w+ sync/atomic\.)`, 33, "${1}ts"),
	at("runtime/atomic_pointer.go", `^(//go:linkname sync_atomic_\w+ sync/atomic\.)`, 6, "${1}ts"),
	at("sync/atomic/value.go", `\b(Store|Swap|CompareAndSwap)Pointer\(&vp\.`, 12, "ts${1}Part(&vp."),
	at("sync/atomic/value.go", `\bLoadPointer\(&vp\.data\)`, 2, "tsLoadPart(&vp.data)"),
	at("sync/atomic/value.go", `^(func \(v \*Value\) (Load|Store|Swap|CompareAndSwap)\(.*\{)$`, 4, "${1}\n\tif tsActive {\n\t\ttsTell(runtime_tsAtomic, ts${2}, unsafe.Pointer(v))\n\t}"),

	// Package testing.
	at("testing/testing.go", `^\tfn\(t\)$`, 1, "\tif !turnstileExplore(t, fn) {\n\t\tfn(t)\n\t}"),
	at("testing/testing.go", `^\tt\.isParallel = true$`, 1, "${0}\n\tif t.turnstileAlone() {\n\t\treturn\n\t}"),
	at("testing/testing.go", `^\tif !<-t\.signal \{$`, 1, "\tturnstileAwait(t.signal)\n${0}"),
	at("testing/testing.go", `^(\t+)<-sub\.signal$`, 1, "${1}turnstileAwait(sub.signal)\n${0}"),
	first("testing/testing.go", `\(t \*T\) Deadline\(\)`, "if TurnstileRun != nil && !t.isSynctest {\n\t\treturn // the time of the explorer's runs is another\n\t}"),
	at("testing/testing.go", `^\tc\.checkFuzzFn\("Context"\)$`, 1, "\tif c.inFuzzFn || TurnstileRun != nil { // a single call, so that Context is inlined\n\t\treturn c.turnstileContext()\n\t}"),
	first("testing/testing.go", `\(c \*common\) checkRaces\(\)`, "if turnstileThread() != nil {\n\t\treturn c.lastRaceErrors.Load() // the explorer looks, since a race is told once in a process and a run is to do the same again\n\t}"),
	first("testing/testing.go", `\(c \*common\) Fail\(\)`, "if tsIsDead() || turnstileLate() {\n\t\treturn // the run is over, or the test\n\t}\n\tif c.parent == nil {\n\t\tturnstileFail()\n\t}"),
	at("testing/testing.go", `^\t\tdoPanic := func\(err any\) \{$`, 1, "${0}\n\t\t\tif tsIsDead() {\n\t\t\t\treturn // it was not the test that ended its goroutine\n\t\t\t}"),
	at("testing/testing.go", `^\tif c\.cancelCtx != nil \{$`, 1, "\tif c.cancelCtx != nil && !tsIsDead() { // that would end the goroutine, and what is deferred would begin anew"),
	first("testing/testing.go", `\(m \*M\) startAlarm\(\)`, "m.turnstileAlarm()"),
	at("testing/testing.go", `^\trunning\.Range\(func\(k, v any\) bool \{$`, 1, "${0}\n\t\tif turnstileHides(k.(string)) {\n\t\t\treturn true\n\t\t}"),
	at("testing/testing.go", `^\tregisterCover\(deps\.InitRuntimeCoverage\(\)\)$`, 1, "${0}\n\tturnstileStart()"),

	// Benchmarks, which have no explorer: with these patches the compiler still inlines PB.Next.
	at("testing/benchmark.go", `\batomic\.Uint64\b`, 2, "isync.TsUint64"),
	at("testing/benchmark.go", `^\t"sync/atomic"$`, 1, "\tisync \"internal/sync\""),

	// Variables.
	at("runtime/proc.go", `^\tfor m := &firstmoduledata; true; m = m\.next \{$`, 1, "\ttsKeep()\n${0}"),
	at("runtime/mfinal.go", `^\t+reflectcall\(nil, unsafe\.Pointer\(f\.fn\), .*\)$`, 1, "\t\t\t\ttsBeginFinalizer()\n${0}\n\t\t\t\ttsEndFinalizer()"),
	at("runtime/mcleanup.go", `^\t+c\.call\(c\.fn, c\.arg\)$`, 1, "\t\t\ttsBeginFinalizer()\n${0}\n\t\t\ttsEndFinalizer()"),
}

//go:embed files
var texts embed.FS

// added are the files added to the standard library, by their paths below src, with the names of their texts.
var added = map[string]string{
	"runtime/turnstile.go":                   "runtime.go.txt",
	"internal/runtime/maps/turnstile.go":     "maps.go.txt",
	"runtime/turnstile_vars.go":              "runtime_vars.go.txt",
	"runtime/turnstile_race.go":              "runtime_race.go.txt",
	"runtime/turnstile_race_windows.go":      "runtime_race_windows.go.txt",
	"runtime/turnstile_norace.go":            "runtime_norace.go.txt",
	"runtime/turnstile_outside.go":           "runtime_outside.go.txt",
	"runtime/turnstile_bubble.go":            "runtime_bubble.go.txt",
	"runtime/turnstile_stacks.go":            "runtime_stacks.go.txt",
	"runtime/turnstile_reach.go":             "runtime_reach.go.txt",
	"os/turnstile.go":                        "os.go.txt",
	"internal/sync/turnstile.go":             "internal_sync.go.txt",
	"internal/sync/turnstile_race.go":        "internal_sync_race.go.txt",
	"internal/sync/turnstile_norace.go":      "internal_sync_norace.go.txt",
	"sync/turnstile.go":                      "sync.go.txt",
	"sync/atomic/turnstile.go":               "sync_atomic.go.txt",
	"sync/atomic/turnstile_race.go":          "sync_atomic_race.go.txt",
	"sync/atomic/turnstile_norace.go":        "sync_atomic_norace.go.txt",
	"sync/atomic/turnstile_functions.go":     "sync_atomic_functions.go.txt",
	"testing/turnstile.go":                   "testing.go.txt",
	"testing/internal/testdeps/turnstile.go": "testdeps.go.txt",

	inside + "/sync2/internal/goid/told.go": "goid.go.txt", // replaces another file
}

// patched returns the names, below src, of the files that are patched in the given version of Go.
func (k *kind) patched(v string) []string {
	var files []string
	for _, p := range k.patches {
		if p.isFor(v) && !slices.Contains(files, p.file) {
			files = append(files, p.file)
		}
	}
	return files
}

// patchFile returns the text of a file of the GOROOT from, of the given version, with its patches applied.
func (k *kind) patchFile(from, version, file string) (string, error) {
	b, err := os.ReadFile(filepath.Join(from, "src", filepath.FromSlash(file))) //nolint:gosec // the caller says where Go is
	if err != nil {
		return "", &UnknownError{version, err.Error()}
	}
	text := string(b)
	for _, p := range k.patches {
		if p.file == file && p.isFor(version) {
			if text, err = p.apply(text); err != nil {
				return "", &UnknownError{version, err.Error()}
			}
		}
	}
	return text, nil
}

// isFor reports whether p belongs to the given version of Go.
func (p *patch) isFor(v string) bool {
	return (p.since == "" || version.Compare(languageOf(v), p.since) >= 0) &&
		(p.until == "" || version.Compare(languageOf(v), p.until) < 0)
}

// apply applies p to text, the content of its file.
func (p *patch) apply(text string) (string, error) {
	re := regexp.MustCompile(`(?m)` + p.anchor)
	all := re.FindAllStringSubmatchIndex(text, -1)
	if len(all) != p.n {
		return "", fmt.Errorf("in src/%s it finds %d lines that match %s, and not %d", p.file, len(all), p.anchor, p.n)
	}
	var with []byte
	end := 0
	for _, match := range all {
		with = append(with, text[end:match[0]]...)
		with = re.ExpandString(with, p.with, text, match)
		end = match[1]
	}
	return string(append(with, text[end:]...)), nil
}
