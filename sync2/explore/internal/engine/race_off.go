//go:build !race

package engine

import "unsafe"

// UnderRace says that the race detector looks on.
const UnderRace = false

// RaceAcquire and what follows is what the race detector is told; without it there is nobody to tell.
func RaceAcquire(*Task) {}

func raceRelease(*Task)         {}
func raceEpochEnd(*Execution)   {}
func raceEpochBegin(*Execution) {}

// RaceMeet orders an operation on what stands at an address after those before it.
func RaceMeet(unsafe.Pointer) {}

// Gather orders all that the tasks of the runs so far have done before what the caller does, as the race detector sees it.
func (*Execution) Gather() {}
