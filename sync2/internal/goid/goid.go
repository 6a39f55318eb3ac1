// Package goid is the one place that knows what goroutine this is.
//
// The id comes from the runtime's g structure, whose layout package github.com/petermattis/goid knows. That table has
// no upper bound of Go versions, so init compares it with the id that the runtime prints in stack traces, and every
// later call takes the slow way if the two differ.
package goid

import (
	"runtime"
	"strconv"
	"strings"

	"github.com/petermattis/goid"
)

// slow is set by init, and by tests, when the fast way cannot be trusted.
var slow = !fastAgrees()

// Get returns the id of the calling goroutine. Ids are positive and never reused.
func Get() int64 {
	if slow {
		return parse()
	}
	return goid.Get()
}

// fastAgrees compares the two ways in a few goroutines.
func fastAgrees() bool {
	for range 3 {
		ok := make(chan bool)
		go func() { ok <- goid.Get() == parse() }()
		if !<-ok {
			return false
		}
	}
	return goid.Get() == parse()
}

// parse reads the id off a stack trace: "goroutine 18 [running]: …".
func parse() int64 {
	var buf [64]byte
	return parseHeader(string(buf[:runtime.Stack(buf[:], false)]))
}

func parseHeader(stack string) int64 {
	s := strings.TrimPrefix(stack, "goroutine ")
	id, err := strconv.ParseInt(s[:max(0, strings.IndexByte(s, ' '))], 10, 64)
	if err != nil {
		panic("goid: cannot parse " + strconv.Quote(stack))
	}
	return id
}

// Alive returns the ids of all goroutines. It stops the world to read their stacks: it is for the rare moment when a
// table whose keys are ids has to be rid of those that are gone.
func Alive() map[int64]bool {
	buf := make([]byte, 1<<16)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	alive := make(map[int64]bool)
	for stack := range strings.SplitSeq(string(buf), "\n\n") {
		alive[parseHeader(stack)] = true
	}
	return alive
}
