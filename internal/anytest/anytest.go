// Package anytest is the protocol between "turnstile test" and the test binaries that it has built: a [Config] goes
// to the binary in an environment variable, and [Report]s come back as lines of JSON in a file.
package anytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Variable is the environment variable that holds the [Config] of a test binary. Without it, a test binary that was
// built for exploration runs its tests as usual.
const Variable = "TURNSTILE_TEST"

// A Config configures the exploration of a binary's tests.
type Config struct {
	Runs      int           `json:"runs,omitempty"`      // schedules per test; 0: the default
	Time      time.Duration `json:"time,omitempty"`      // for each test; 0: the default
	Timeout   time.Duration `json:"timeout,omitempty"`   // the time after which a test is taken to hang; 0: that is left to -test.timeout, which limits all together
	Steps     int           `json:"steps,omitempty"`     // the step limit to begin with; 0: the default
	MostSteps int           `json:"mostSteps,omitempty"` // the step limit to end with; 0: the default, which only tests of the explorer change
	First     time.Duration `json:"first,omitempty"`     // the time that the first schedule may take before others are tried; 0: the default, likewise
	Strategy  string        `json:"strategy,omitempty"`  // "random", "pct", "dpor", or "" for all in turn
	Anytime   string        `json:"anytime,omitempty"`   // timers that fire early: "on", "off", or "" for late ones first and then early ones
	Seed      uint64        `json:"seed,omitempty"`      // of the random schedules
	KeepLeaks bool          `json:"keepLeaks,omitempty"` // goroutines that wait forever after the test has ended are not a failure
	Replay    string        `json:"replay,omitempty"`    // the token of the only schedule to run; other tests are skipped
	Confirm   bool          `json:"confirm,omitempty"`   // the binary was started by another to see whether Replay fails again
	Modules   []string      `json:"modules,omitempty"`   // of the workspace; their package variables are restored like those of the tested one
	Expect    string        `json:"expect,omitempty"`    // with Confirm: the kind of the failure and its places
	Long      bool          `json:"long,omitempty"`      // with Confirm: the default schedule had not ended when others were tried
	Record    string        `json:"record,omitempty"`    // with Replay: the file that the recording is written to
	Drive     string        `json:"drive,omitempty"`     // requests decide the schedule of the test, see [DriveRequest]
	Verbose   bool          `json:"verbose,omitempty"`   // report the result of each test
	Progress  bool          `json:"progress,omitempty"`  // write reports also while a test is being explored
	Report    string        `json:"report,omitempty"`    // the file that reports are appended to; "": none
}

// String returns the configuration as the value of [Variable].
func (c *Config) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // all of its types can be encoded
	}
	return string(b)
}

// FromEnvironment returns the configuration in the environment, or nil if there is none.
func FromEnvironment() (*Config, error) {
	text := os.Getenv(Variable)
	if text == "" {
		return nil, nil // no exploration, which is not an error
	}
	c := new(Config)
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		return nil, fmt.Errorf("%s: %w", Variable, err)
	}
	return c, nil
}

// A Verdict is the result of exploring a test.
type Verdict string

// Verdicts on a test.
const (
	Running   Verdict = "running"   // the exploration is in progress
	Exhausted Verdict = "exhausted" // every schedule that matters was run, and passed
	Budget    Verdict = "budget"    // as many schedules as the budget allows passed
	Failed    Verdict = "failed"    // a schedule failed, see Failures
	Refused   Verdict = "refused"   // it ran once, uncontrolled; see Reason
	Replayed  Verdict = "replayed"  // the schedule of a token was run, and passed
	Skipped   Verdict = "skipped"   // the test skipped itself in its first schedule
)

// A Report describes the state of a test's exploration.
type Report struct {
	Package   string        `json:"package"`
	Test      string        `json:"test"`
	Verdict   Verdict       `json:"verdict"`
	Race      bool          `json:"race,omitempty"`     // the race detector was on
	Schedules int           `json:"schedules"`          // the number of schedules run
	Partial   int           `json:"partial,omitempty"`  // of these, the number abandoned before their end, since hardly any ends in time
	Budget    int           `json:"budget,omitempty"`   // the maximum number of them
	Steps     int64         `json:"steps,omitempty"`    // operations in all of them
	Strategy  string        `json:"strategy,omitempty"` // the current or last one
	Elapsed   time.Duration `json:"elapsed,omitempty"`
	Reason    string        `json:"reason,omitempty"`  // why it was refused
	Caveats   []string      `json:"caveats,omitempty"` // why it is not exhausted although nothing is left to try
	Notes     []string      `json:"notes,omitempty"`   // other remarks, such as a leak in every schedule
	Failures  []Failure     `json:"failures,omitempty"`
}

// A Failure is one of the distinct failures of a test, which differ in kind and positions.
type Failure struct {
	Kind      string        `json:"kind"` // such as "deadlock"
	Message   string        `json:"message"`
	Places    []string      `json:"places"` // where goroutines wait forever, or where the test failed: "x_test.go:12"
	Token     string        `json:"token"`
	Schedule  int           `json:"schedule"`         // the number of the schedule in which it was found
	After     time.Duration `json:"after,omitempty"`  // the time from the beginning of the test's exploration until it was found
	Confirmed bool          `json:"confirmed"`        // a fresh process failed in the same way at the same places
	Shrunk    bool          `json:"shrunk"`           // no failing schedule with fewer deviations is known
	Detail    *Detail       `json:"detail,omitempty"` // if it was recorded
}

// A Detail is what a recording of a failure shows.
type Detail struct {
	Task       string   `json:"task,omitempty"`    // the task that failed
	Blocked    []string `json:"blocked,omitempty"` // the blocked tasks, and what they wait for
	Cycle      []string `json:"cycle,omitempty"`
	Stack      string   `json:"stack,omitempty"`
	Deviations int      `json:"deviations,omitempty"`
	Before     int      `json:"before,omitempty"` // the number of steps before those
	Steps      []Step   `json:"steps,omitempty"`  // the schedule
}

// A Step is an operation of a schedule.
type Step struct {
	Task   string `json:"task"`
	Op     string `json:"op"`
	Object string `json:"object,omitempty"`
	Where  string `json:"where,omitempty"`
	Note   string `json:"note,omitempty"`
}
