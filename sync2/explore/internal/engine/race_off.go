//go:build !race

package engine

import "unsafe"

// UnderRace reports whether the race detector is on.
const UnderRace = false

// RaceAcquire and the functions below annotate synchronization for the race detector; without it they do nothing.
func RaceAcquire(*Task) {}

func raceRelease(*Task)         {}
func raceEpochEnd(*Execution)   {}
func raceEpochBegin(*Execution) {}

// RaceMeet orders an operation on the object at an address after earlier ones.
func RaceMeet(unsafe.Pointer) {}

// Gather orders everything that the tasks of the runs so far have done before what the caller does next, for the race
// detector.
func (*Execution) Gather() {}
