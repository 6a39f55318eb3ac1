package datarace

import (
	"sync"
	"testing"
)

// The doors of a museum count visitors, each in a goroutine of its own.

func TestRace(t *testing.T) {
	visitors := 0
	var doors sync.WaitGroup
	doors.Add(2)
	go door(&doors, &visitors)
	go door(&doors, &visitors)
	doors.Wait()
	t.Log(visitors, "visitors")
}

func door(doors *sync.WaitGroup, visitors *int) {
	defer doors.Done()
	*visitors++ // reads, adds and writes, and the other door may do so in between
}

func TestFixed(t *testing.T) {
	visitors := 0
	var mu sync.Mutex // guards visitors
	var doors sync.WaitGroup
	doors.Add(2)
	go lockedDoor(&doors, &mu, &visitors)
	go lockedDoor(&doors, &mu, &visitors)

	doors.Wait() // what the doors did happened before this returns, so no lock is needed from here on
	if visitors != 2 {
		t.Errorf("%d visitors, want 2", visitors)
	}
}

func lockedDoor(doors *sync.WaitGroup, mu *sync.Mutex, visitors *int) {
	defer doors.Done()
	mu.Lock()
	*visitors++
	mu.Unlock()
}
