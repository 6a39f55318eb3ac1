package scenarios

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// A Scenario is one lesson.
type Scenario struct {
	Name     string      // kebab-case, unique, such as "barrier-abort"
	Title    string      // a line without a full stop
	Category Category    // where the catalog lists it
	Expect   Expectation // Clean, or the bug that it holds
	Programs []int       // the rows of docs/catalog.md that it covers
	Twin     string      // the name of the scenario that fixes this one's bug, or shows the bug that this one avoids; may be ""
	Lesson   string      // a paragraph on one line: what it teaches
	Look     string      // what to look for while it runs
	Hints    []string    // for a bug: three, each of which reveals more than the one before
	Locks    bool        // the bug is in the lock order: go-deadlock sees it in any run, with the smallest parameters
	Real     bool        // it uses sockets or child processes, or measures the processor: it needs the real clock, and cannot be explored
	Endless  bool        // for a bug: it runs until its context ends
	Params   []Param     // its own parameters, without Pace, which every scenario has

	// Run runs the scenario once. It returns an error if the invariant does not hold, and the cause of ctx if ctx ended
	// before that could be decided. Every goroutine that it started has ended when it returns. Runs share nothing:
	// several may go on at the same time.
	Run func(ctx context.Context, p Params) error
}

// Pace is the parameter that every scenario has: the factor by which its pauses are longer than written.
var Pace = Param{Name: "pace", Help: "how slowly it runs: 1 for people, 0 without pauses", Default: 1, Max: 10, Fraction: true}

// AllParams returns the scenario's own parameters and, last, [Pace], unless it is of ordinary Go, which has no scaled pauses.
func (s *Scenario) AllParams() []Param {
	if s.Category == CategoryOrdinary {
		return s.Params
	}
	return append(slices.Clip(s.Params), Pace)
}

// A Category is a chapter of the catalog.
type Category uint8

// The categories, in the order of the catalog.
const (
	CategoryNone       Category = iota // not set; no scenario has it
	CategoryPrimitives                 // one primitive and what it does
	CategoryPools                      // queues, futures and pools of workers
	CategoryProcesses                  // other processes: run, signaled, waited for
	CategoryHosts                      // processes that share an engine, on any number of hosts
	CategoryClassics                   // the classic problems of concurrency
	CategoryOrdinary                   // channels and locks of ordinary Go: package ordinary has these, All does not

	categories // the number of categories
)

var categoryNames = [categories]string{
	CategoryNone: "none", CategoryPrimitives: "Primitives", CategoryPools: "Queues, futures, pools",
	CategoryProcesses: "Processes", CategoryHosts: "Across hosts", CategoryClassics: "Classic problems", CategoryOrdinary: "Ordinary Go",
}

// String returns the heading of the category.
func (c Category) String() string {
	if c < categories {
		return categoryNames[c]
	}
	return fmt.Sprintf("category %d", uint8(c))
}

// MarshalText returns the heading of the category.
func (c Category) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// An Expectation says what a checker should find in a scenario.
type Expectation uint8

// The expectations.
const (
	ExpectNone       Expectation = iota // not set; no scenario has it
	ExpectClean                         // no checker finds anything, and Run returns nil
	ExpectRace                          // a data race
	ExpectDeadlock                      // goroutines wait for each other
	ExpectLeak                          // goroutines never end
	ExpectLostWakeup                    // a goroutine misses the notification it waits for
	ExpectViolation                     // the invariant fails under some schedule
	ExpectStarvation                    // a goroutine waits without bound

	expectations // the number of expectations
)

var expectationNames = [expectations]string{
	ExpectNone: "none", ExpectClean: "clean", ExpectRace: "race", ExpectDeadlock: "deadlock", ExpectLeak: "leak",
	ExpectLostWakeup: "lost-wakeup", ExpectViolation: "violation", ExpectStarvation: "starvation",
}

// String returns the name of the expectation, such as "lost-wakeup".
func (e Expectation) String() string {
	if e < expectations {
		return expectationNames[e]
	}
	return fmt.Sprintf("expectation %d", uint8(e))
}

// MarshalText returns the name of the expectation.
func (e Expectation) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// spread returns the i-th of n moments evenly spread over d, the last of them d itself. Scenarios let their
// goroutines arrive at such moments, so that a run takes as long with a thousand as with three.
func spread(d time.Duration, i, n int) time.Duration {
	return d * time.Duration(i+1) / time.Duration(n)
}
