//go:build race && turnstile_goroot

package engine

import (
	"runtime"
	"unsafe"
)

// UnderRace reports whether the race detector is on.
const UnderRace = true

// RaceAcquire orders what came before the calls of raceRelease for t before what follows.
//
//go:norace
func RaceAcquire(t *Task) { rtRaceAcquire(unsafe.Pointer(t)) }

//go:norace
func raceRelease(t *Task) { rtRaceRelease(unsafe.Pointer(t)) }

// raceEpochEnd and raceEpochBegin do nothing: each run is ordered after the one before where its tasks begin and
// end.
func raceEpochEnd(*Execution)   {}
func raceEpochBegin(*Execution) {}

// RaceMeet orders an operation on the object at an address after earlier ones.
//
//go:norace
func RaceMeet(at unsafe.Pointer) {
	runtime.RaceAcquire(at)
	runtime.RaceReleaseMerge(at)
}

// Gather orders everything that the tasks of the runs so far have done before what the caller, which does the
// explorer's work, does next.
func (x *Execution) Gather() { runtime.RaceAcquire(unsafe.Pointer(&x.epoch)) }
