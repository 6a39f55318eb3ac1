package timeline

import (
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A State is the state of all goroutines and objects at one moment of a trace: which goroutines run, wait and hold
// objects, their positions in queues, and the state of every object. It is a pure function of the events so far,
// without a clock or I/O.
//
// The zero State is the moment before the first event. The results of its methods must not be modified, and are valid
// until the next Apply. A State must not be copied except by [State.Clone], and its methods must not be called
// concurrently with Apply or Clone.
type State struct {
	last trace.Event // the last event applied
	lost int64       // events dropped so far
	fail trace.Event // how the program failed; of KindBad if it has not
	was  string      // what the object was called that the last event renamed

	records
	positions
}

// A Status is the status of a goroutine.
type Status uint8

// Statuses of goroutines.
const (
	StatusUnknown  Status = iota
	StatusRunning         // it runs, or could run
	StatusWaiting         // it waits for Goroutine.For
	StatusReleased        // it was released by Goroutine.By and has not run since
	StatusGaveUp          // its last wait ended without success (Goroutine.Reason); it runs
	StatusEnded           // it has ended
)

// A Goroutine is the state of one goroutine.
type Goroutine struct {
	ID     int64
	Name   string
	Parent int64 // the goroutine that started it, 0 if not known

	Status Status
	Since  time.Duration // when it got this status
	For    trace.ID      // what it waits for, was released from or gave up on; 0 otherwise
	Verb   string        // the operation that waits: "Acquire", "Put"; "" if it does not wait
	Want   int64         // the number of permits or items that it requests
	By     int64         // Released: the goroutine that released it, 0 if not known
	Failed bool          // Released, but without success: the barrier broke, the queue was closed …
	Reason trace.Reason  // GaveUp, or Failed: why
	Waited time.Duration // Released, GaveUp: the duration of the wait; 0 otherwise

	Born  time.Duration
	Holds []Hold // what it holds, oldest first

	Last trace.Event // the last event that happened to it

	locals []trace.ID // the Locals for which it has a value
	tag    uint64     // see State
}

// Alive reports whether the goroutine is known not to have ended. This is never known of a running goroutine that was
// not started by sync2.Go, since no event would record its end.
func (g *Goroutine) Alive() bool {
	switch g.Status {
	case StatusEnded, StatusUnknown:
		return false
	case StatusRunning:
		return g.Parent != 0
	case StatusWaiting, StatusReleased, StatusGaveUp:
	}
	return true
}

// A Hold is an object that a goroutine holds.
type Hold struct {
	Obj   trace.ID
	G     int64 // the holder, 0 if not known (it was held before the trace began)
	N     int64 // permits, or the depth of a lock; for a read lock of an RWMutex, the number of times it is held
	Since time.Duration
	Read  bool // of an RWMutex: for reading
}

// An Object is the state of one object. The fields below the heading of a class are zero for other classes.
type Object struct {
	ID     trace.ID
	Class  trace.Class
	Name   string
	Parent trace.ID // the lock of a Cond, the Executor of a Future; 0: none
	Inner  bool     // it is internal to the standard library; see Internal

	Born, Touched time.Duration // when it was defined; when something last happened to it
	Queue         []int64       // the goroutines that wait here, in order of arrival
	Holders       []Hold        // holders of semaphores and locks, oldest first

	// The cost of waiting for the object so far, over all goroutines: the waits that have ended, and the longest queue.
	Waits    int
	WaitTime time.Duration
	MaxQueue int

	// Passed holds the goroutines that were released last, oldest first: those of an Event's or Barrier's last opening,
	// with their index in N. It is cleared by the next opening.
	Passed []Hold

	// Event
	IsSet      bool
	Generation int // number of times it was cleared

	// Barrier
	Parties int
	Arrived []Hold // parties that have arrived in this generation; N is the index
	Next    []Hold // parties that arrived for later generations while the action of this one runs
	Fallen  []Hold // parties of the generation that a Break, Reset or failing action ended, until the next arrival
	Trips   int    // completed generations
	Acting  int64  // the goroutine that runs the action, 0: none
	Broken  bool
	By      int64 // the goroutine that broke it
	Reason  trace.Reason
	Cause   string

	// Semaphore: permits available, and the maximum of available and held permits together
	Permits, Size int64

	// Semaphore: its permits are signals rather than resources, because it started with none, or a goroutine released
	// what another had acquired. Then its Holders are the goroutines that received a signal; they do not have to
	// release anything, and no Goroutine.Holds lists it.
	Signals bool

	// Mutex, ReentrantLock, RWMutex locked for writing: 0 if free. Owner 0 with a depth of 1 or more: held by an
	// unknown goroutine
	Owner int64
	Depth int64
	Tries int // failed tries so far, also of semaphores

	// Local
	Values []Value // by goroutine, in order of their first Set

	// Queue, Stack, PriorityQueue, Chan
	Capacity         int // 0: unbounded, or of a Chan that it has no buffer
	Items            []Item
	Puts, Gets, Done int  // items put, taken and finished so far; unfinished: Puts − Done
	Taken            Item // the item taken last
	Closed           bool

	// Executor: Parent of its Futures. Workers is its maximum number of workers.
	Workers int
	Tasks   []trace.ID // futures whose task has not started, oldest first
	Busy    []Hold     // tasks that run: Obj is the future, G the worker
	Settled int        // futures settled so far

	// Future
	Progress Progress
	Since    time.Duration // when it reached this state
	Worker   int64         // the goroutine that runs or ran the task
	Result   string        // its value or error as text; for a variable, the value last read or written

	// Group: the known futures for which a goroutine waits, in the order of the call; and their total number
	Members []trace.ID
	Watches int

	// Goroutine: which one
	Of int64

	// Chan: the goroutines that have sent to it or closed it, or tried to, and those that have received from it, or
	// tried to: the first 64 of each. For other classes, likewise, the goroutines that have released waiters: notified
	// a Cond, set an Event, released a Semaphore, decremented a WaitGroup, put into a Queue; and those that have taken
	// from a Queue
	Senders, Receivers []int64

	// TaskGroup: the members that have not ended, in order of their start; and the limit of running members, 0 if there
	// is none. Broken, By and Cause describe the first failure, Closed is set if it was canceled, and Settled is the
	// number of members that have ended
	Team  []int64
	Limit int

	// Watch: Count is its version, Result its value. Passed holds the goroutines that got the latest version

	// Select: the cases of the current or the last wait; and the one chosen, from 1, or 0 for none
	Cases  []Case
	Chosen int

	// WaitGroup: the counter, and the last addition to it
	Count, Added int

	// Once: Acting runs the function; IsSet, if it has run. Atomic: Result. Timer: IsSet; the time at which it fires,
	// and the number of times it has fired
	Deadline time.Duration
	Fired    int

	mixed   bool         // RWMutex: a reader has unlocked it for another, so Holders may not be the actual readers
	past    bool         // Select: no goroutine waits for Cases anymore. Group, Mutex: it is not used again
	failing bool         // Barrier: waiters released now are released without success …
	why     trace.Reason // … and why

	families [5]int     // of Queue, the number of waiters with a verb of each family
	groups   []trace.ID // of a Future that is not settled: the groups that watch it
	settled  int        // of a group: the number of settled Members
	tag      uint64
}

// A Case is one case of a select statement in which a goroutine waits.
type Case struct {
	Obj  trace.ID
	Send bool
}

// A Value is a goroutine's value of a Local.
type Value struct {
	G     int64
	Text  string
	Since time.Duration
}

// An Item is an item in a Queue.
type Item struct {
	ID   int64
	Text string
	By   int64 // the goroutine that put it
}

// A Progress is the state of a Future. The values are those of sync2.State.
type Progress int64

// States of a Future.
const (
	ProgressPending Progress = iota + 1
	ProgressRunning
	ProgressSucceeded
	ProgressFailed
	ProgressCanceled
)
