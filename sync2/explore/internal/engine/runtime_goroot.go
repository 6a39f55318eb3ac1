//go:build turnstile_goroot

package engine

import "unsafe"

// The following functions are in the patched runtime, see internal/goroot/files/runtime.go.txt.

//go:linkname rtAlone runtime.tsAlone
var rtAlone bool

//go:linkname rtPools runtime.tsPools
var rtPools bool

//go:linkname rtQuiet runtime.tsQuiet
func rtQuiet(quiet bool)

//go:linkname rtNewCoro runtime.tsNewCoro
func rtNewCoro(start func(unsafe.Pointer)) unsafe.Pointer

//go:linkname rtAwaited runtime.tsAwaited
func rtAwaited(c unsafe.Pointer) bool

//go:linkname rtCan runtime.tsCan
func rtCan(c unsafe.Pointer, send bool) bool

//go:linkname rtSwitch runtime.tsSwitch
func rtSwitch(coro unsafe.Pointer)

//go:linkname rtExit runtime.tsExit
func rtExit(coro unsafe.Pointer)

//go:linkname rtBecome runtime.tsBecome
func rtBecome(thread unsafe.Pointer)

//go:linkname rtEnter runtime.tsEnter
func rtEnter() uint8

//go:linkname rtAttach runtime.tsAttach
func rtAttach(at unsafe.Pointer)

//go:linkname rtDetach runtime.tsDetach
func rtDetach(at unsafe.Pointer)

//go:linkname rtMode runtime.tsMode
func rtMode(mode uint8)

//go:linkname rtDie runtime.tsDie
func rtDie(epoch unsafe.Pointer)

//go:linkname rtBegin runtime.tsBegin
func rtBegin(raceCtx uintptr, bubble unsafe.Pointer, shown bool, pc uintptr, by int64)

// top marks the function that the caller is about to call as the program's.
//
//go:linkname top runtime.tsTop
func top()

//go:linkname rtEnd runtime.tsEnd
func rtEnd(epoch unsafe.Pointer)

//go:linkname rtFork runtime.tsFork
func rtFork() (ctx, pc uintptr)

//go:linkname rtForkAfter runtime.tsForkAfter
func rtForkAfter(epoch unsafe.Pointer) uintptr

//go:linkname rtRelease runtime.tsRaceReleaseFor
func rtRelease(raceCtx uintptr, at unsafe.Pointer)

//go:linkname rtRaceAcquire runtime.tsRaceAcquire
func rtRaceAcquire(at unsafe.Pointer)

//go:linkname rtNews runtime.tsNews
var rtNews uintptr

//go:linkname rtHear runtime.tsHear
func rtHear() (thread, coro unsafe.Pointer)

//go:linkname rtLose runtime.tsLose
func rtLose(g unsafe.Pointer) bool

//go:linkname rtSelf runtime.tsSelf
func rtSelf() unsafe.Pointer

//go:linkname rtStack runtime.tsStack
func rtStack(thread, g unsafe.Pointer, pcs []uintptr) int

//go:linkname rtThread runtime.tsThread
func rtThread() unsafe.Pointer

//go:linkname rtVanish runtime.tsVanish
func rtVanish()

//go:linkname rtRaceRelease runtime.tsRaceRelease
func rtRaceRelease(at unsafe.Pointer)
