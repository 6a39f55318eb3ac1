//go:build race && turnstile_goroot

package engine

import (
	"runtime"
	"unsafe"
)

// UnderRace says that the race detector looks on.
const UnderRace = true

// RaceAcquire orders what came before the calls of raceRelease for t before what follows.
//
//go:norace
func RaceAcquire(t *Task) { rtRaceAcquire(unsafe.Pointer(t)) }

//go:norace
func raceRelease(t *Task) { rtRaceRelease(unsafe.Pointer(t)) }

// raceEpochEnd and raceEpochBegin are nothing: that a run is ordered after the one before is seen to where its tasks begin
// and end.
func raceEpochEnd(*Execution)   {}
func raceEpochBegin(*Execution) {}

// RaceMeet orders an operation on what stands at an address after those before it.
//
//go:norace
func RaceMeet(at unsafe.Pointer) {
	runtime.RaceAcquire(at)
	runtime.RaceReleaseMerge(at)
}

// Gather orders all that the tasks of the runs so far have done before what the caller does, who does the explorer's work.
func (x *Execution) Gather() { runtime.RaceAcquire(unsafe.Pointer(&x.epoch)) }
