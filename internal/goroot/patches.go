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
	n      int    // how often it matches
	with   string // what takes its place; ${0} and ${1} are what was matched

	since, until string // the first version of the language that it is for, such as "go1.27", and the first that it is not for; "": all
}

// at puts what stands in with, ${0} being what was there, in the place of each of the n lines that match anchor.
func at(file, anchor string, n int, with string) patch {
	return patch{file: file, anchor: anchor, n: n, with: with}
}

// first puts lines behind the line by which a function begins.
func first(file, fn, lines string) patch {
	return patch{file: file, anchor: `^func ` + fn + `.*\{$`, n: 1, with: "${0}\n\t" + lines}
}

// point puts the point of an operation, of a kind that package runtime knows, at the beginning of a method.
func point(file, recv, fn, kind string) patch {
	return pointOr(file, recv, fn, kind, "return")
}

// pointOr is point for a method that returns something; otherwise is what it does when its run is dead.
func pointOr(file, recv, fn, kind, otherwise string) patch {
	name, _, _ := strings.Cut(recv, " ")
	return first(file, regexp.QuoteMeta("("+recv+") "+fn+"("),
		"if runtime_tsPoint("+kind+", unsafe.Pointer("+name+")) {\n\t\t"+otherwise+"\n\t}")
}

// notOfGC keeps the garbage collector, which is no part of the program, from being explored.
const notOfGC = "\tif tsOn() {\n\t\tgp := getg()\n\t\tgp.tsIn = 1\n\t\tdefer func() { gp.tsIn = 0 }()\n\t}\n${0}"

// patches are what makes the standard library tell the explorer of what a program is about to do. They are applied in
// this order.
var patches = []patch{
	// Goroutines.
	at("runtime/runtime2.go", `^\tbubble  \*synctestBubble$`, 1, "${0}\n\ttsTask uintptr\n\ttsIn uint8\n\ttsParked bool\n"),
	at("runtime/proc.go", `^\tgp\.bubble = nil$`, 1, "${0}\n\tgp.tsTask, gp.tsIn, gp.tsParked = 0, 0, false"),
	first("runtime/proc.go", `gopark\(`, "if tsOn() && tsControls(reason) {\n\t\ttsPark(unlockf, lock, reason)\n\t\treturn\n\t}"),
	first("runtime/proc.go", `goready\(`, "if gp.tsParked && tsReady(gp) {\n\t\treturn\n\t}"),
	first("runtime/proc.go", `newproc\(`, "if tsSpawn(fn) {\n\t\treturn\n\t}"),
	first("runtime/proc.go", `Gosched\(`, "if tsPoint(tsYield, nil) {\n\t\treturn\n\t}"),
	first("runtime/proc.go", `internal_sync_runtime_canSpin\(`, "if tsOn() {\n\t\treturn false\n\t}"),
	at("runtime/mgc.go", `^\tif gp := getg\(\); gp\.bubble != nil \{$`, 1, notOfGC),
	at("runtime/mgcmark.go", `^\tif gp := getg\(\); gp\.bubble != nil \{$`, 1, notOfGC),

	// Channels.
	first("runtime/chan.go", `chansend\(`, "if c != nil && tsChan(tsSend, c, block) {\n\t\treturn false\n\t}"),
	first("runtime/chan.go", `chanrecv\(`, "if c != nil && tsChan(tsRecv, c, block) {\n\t\treturn false, false\n\t}"),
	first("runtime/chan.go", `closechan\(`, "if c != nil && tsChan(tsClose, c, false) {\n\t\treturn\n\t}"),
	first("runtime/select.go", `selectgo\(`, "tsFirst := tsSelect(cas0, nsends, nrecvs, block)\n\tif tsFirst == -2 {\n\t\treturn -1, false\n\t}"),
	at("runtime/select.go", `^\t\tj := cheaprandn\(uint32\(norder \+ 1\)\)$`, 1, "${0}\n\t\tif tsFirst >= -1 {\n\t\t\tj = uint32(norder)\n\t\t}"),
	at("runtime/select.go", `^\tlockorder = lockorder\[:norder\]$`, 1, "${0}\n\tif tsFirst >= 0 {\n\t\ttsPutFirst(pollorder, tsFirst)\n\t}"),

	// Semaphores.
	at("runtime/sema.go", `^\tsemacquire1\(addr, (\w+), (semaBlockProfile.*), (waitReason\w+|reason)\)$`, 6, "\tif tsSemacquire(addr, ${1}) {\n\t\treturn\n\t}\n${0}"),
	at("runtime/sema.go", `^\tsemrelease1\(addr, (handoff), skipframes\)$`, 2, "\tif tsSemrelease(addr, ${1}) {\n\t\treturn\n\t}\n${0}"),
	at("runtime/sema.go", `^(\t+)s\.g\.waiting = (s|nil)$`, 4, "${1}if !s.g.tsParked {\n${1}\ts.g.waiting = ${2}\n${1}}"),
	first("runtime/sema.go", `internal_sync_nanotime\(`, "if now, ok := tsNow(); ok {\n\t\treturn now\n\t}"), // when a mutex is starving

	// Time and chance.
	first("runtime/time.go", `time_runtimeNow\(`, "if now, ok := tsNow(); ok {\n\t\treturn now / 1e9, int32(now % 1e9), now\n\t}"),
	first("runtime/time.go", `time_runtimeNano\(`, "if now, ok := tsNow(); ok {\n\t\treturn now\n\t}"),
	first("runtime/time.go", `time_runtimeIsBubbled\(`, "if tsOn() {\n\t\treturn true\n\t}"),
	first("runtime/time.go", `timeSleep\(`, "if tsSleep(ns) {\n\t\treturn\n\t}"),
	first("runtime/time.go", `newTimer\(`, "if t := tsNewTimer(when, period, f, arg, c); t != nil {\n\t\treturn t\n\t}"),
	first("runtime/time.go", `stopTimer\(`, "if was, ok := tsStopTimer(t); ok {\n\t\treturn was\n\t}"),
	first("runtime/time.go", `resetTimer\(`, "if was, ok := tsResetTimer(t, when, period); ok {\n\t\treturn was\n\t}"),
	first("runtime/rand.go", `rand\(`, "if tsOn() {\n\t\treturn tsRand(true)\n\t}"),
	first("runtime/rand.go", `maps_rand\(`, "if tsOn() {\n\t\treturn tsRand(false)\n\t}"),

	// Package sync.
	point("internal/sync/mutex.go", "m *Mutex", "Lock", "1"),
	pointOr("internal/sync/mutex.go", "m *Mutex", "TryLock", "2", "return false"),
	point("internal/sync/mutex.go", "m *Mutex", "Unlock", "3"),
	point("sync/rwmutex.go", "rw *RWMutex", "RLock", "4"),
	pointOr("sync/rwmutex.go", "rw *RWMutex", "TryRLock", "5", "return false"),
	point("sync/rwmutex.go", "rw *RWMutex", "RUnlock", "6"),
	point("sync/rwmutex.go", "rw *RWMutex", "Lock", "7"),
	pointOr("sync/rwmutex.go", "rw *RWMutex", "TryLock", "8", "return false"),
	point("sync/rwmutex.go", "rw *RWMutex", "Unlock", "9"),
	point("sync/waitgroup.go", "wg *WaitGroup", "Add", "10"),
	point("sync/waitgroup.go", "wg *WaitGroup", "Wait", "11"),
	at("sync/waitgroup.go", `^\t\t\truntime_SemacquireWaitGroup\(&wg\.sema, synctestDurable\)$`, 1, "${0}\n\t\t\truntime_tsPoint(17, unsafe.Pointer(wg))"),
	point("sync/once.go", "o *Once", "Do", "12"),
	at("sync/once.go", `^import \($`, 1, "${0}\n\t\"unsafe\""),
	point("sync/cond.go", "c *Cond", "Wait", "13"),
	at("sync/cond.go", `^\truntime_notifyListWait\(&c\.notify, t\)$`, 1, "${0}\n\truntime_tsPoint(16, unsafe.Pointer(c))"),
	point("sync/cond.go", "c *Cond", "Signal", "14"),
	point("sync/cond.go", "c *Cond", "Broadcast", "15"),
	first("sync/pool.go", `\(p \*Pool\) Put\(`, "if runtime_tsOn() {\n\t\treturn\n\t}"),
	first("sync/pool.go", `\(p \*Pool\) Get\(`, "if runtime_tsOn() {\n\t\tif p.New == nil {\n\t\t\treturn nil\n\t\t}\n\t\treturn p.New()\n\t}"),

	// Package atomic.
	at("sync/atomic/type.go", `^(func \(x \*[^)]*\) (Load)\(.*?\{) `, 7, "${1} runtime_tsPoint(20, unsafe.Pointer(x)); "),
	at("sync/atomic/type.go", `^(func \(x \*[^)]*\) (Store|Swap|CompareAndSwap|Add|And|Or)\(.*?\{) `, 29, "${1} runtime_tsPoint(21, unsafe.Pointer(x)); "),
	at("sync/atomic/type.go", `^(func \(x \*[^)]*\) (Store|Swap|CompareAndSwap|Add|And|Or)\(.*\{)$`, 7, "${1}\n\truntime_tsPoint(21, unsafe.Pointer(x))"),
	at("sync/atomic/value.go", `^(func \(v \*Value\) Load\(.*\{)$`, 1, "${1}\n\truntime_tsPoint(20, unsafe.Pointer(v))"),
	at("sync/atomic/value.go", `^(func \(v \*Value\) (Store|Swap|CompareAndSwap)\(.*\{)$`, 3, "${1}\n\truntime_tsPoint(21, unsafe.Pointer(v))"),

	// Package testing.
	at("testing/testing.go", `^\tfn\(t\)$`, 1, "\tif !turnstileExplore(t, fn) {\n\t\tfn(t)\n\t}"),
	at("testing/testing.go", `^\tt\.isParallel = true$`, 1, "${0}\n\tif t.turnstileAlone() {\n\t\treturn\n\t}"),
	first("testing/testing.go", `\(c \*common\) Fail\(\)`, "if c.parent == nil {\n\t\tturnstileFail()\n\t}"),
	at("testing/testing.go", `^\tregisterCover\(deps\.InitRuntimeCoverage\(\)\)$`, 1, "${0}\n\tturnstileStart()"),

	// Variables.
	at("runtime/proc.go", `^\tfor m := &firstmoduledata; true; m = m\.next \{$`, 1, "\ttsKeep()\n${0}"),
}

//go:embed files
var texts embed.FS

// added are the files that the standard library gets, by their paths below src, and the texts of them.
var added = map[string]string{
	"runtime/turnstile.go":                   "runtime.go.txt",
	"runtime/turnstile_vars.go":              "runtime_vars.go.txt",
	"internal/sync/turnstile.go":             "internal_sync.go.txt",
	"sync/turnstile.go":                      "sync.go.txt",
	"sync/atomic/turnstile.go":               "sync_atomic.go.txt",
	"testing/turnstile.go":                   "testing.go.txt",
	"testing/internal/testdeps/turnstile.go": "testdeps.go.txt",
}

// patched returns the names, below src, of the files that are patched in the given version of Go.
func patched(v string) []string {
	var files []string
	for _, p := range patches {
		if p.isFor(v) && !slices.Contains(files, p.file) {
			files = append(files, p.file)
		}
	}
	return files
}

// patchFile returns the text of a file of the GOROOT from, of the given version, with its patches.
func patchFile(from, version, file string) (string, error) {
	b, err := os.ReadFile(filepath.Join(from, "src", filepath.FromSlash(file))) //nolint:gosec // the caller says where Go is
	if err != nil {
		return "", &UnknownError{version, err.Error()}
	}
	text := string(b)
	for _, p := range patches {
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
	return (p.since == "" || version.Compare(version.Lang(v), p.since) >= 0) &&
		(p.until == "" || version.Compare(version.Lang(v), p.until) < 0)
}

// apply returns text, of the file that p is for, with p applied.
func (p *patch) apply(text string) (string, error) {
	re := regexp.MustCompile(`(?m)` + p.anchor)
	if n := len(re.FindAllStringIndex(text, -1)); n != p.n {
		return "", fmt.Errorf("in src/%s it finds %d lines that match %s, and not %d", p.file, n, p.anchor, p.n)
	}
	return re.ReplaceAllString(text, p.with), nil
}
