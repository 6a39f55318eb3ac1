package timeline

import (
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A State is everything that is known at one moment of a trace: who runs, who waits for what and in which place, who
// holds what, and how every object stands. It is the fold of the events so far and of nothing else: no clock, no I/O.
//
// The zero State is the moment before the first event. What its methods return must not be changed, and is valid
// until the next Apply. A State must not be copied ([State.Clone] does that), and its methods must not be called at
// the same time as Apply or Clone.
type State struct {
	last trace.Event   // the last event applied
	now  time.Duration // its time
	wall int64         // Unix nanoseconds of time 0, 0 if not known
	lost int64         // events dropped so far
	over bool          // the trace was stopped
	fail trace.Event   // how the program failed; of KindBad if it has not

	// A State and its clones share the records of goroutines and objects. One whose tag is this State's belongs to
	// it alone and may be changed; any other is copied first.
	tag      uint64
	gs       []*Goroutine // in order of appearance
	look     int          // how many there are when it is time to forget some
	lookObjs int          // likewise of objs
	objs     []*Object    // in order of definition

	// The maps are shared too, as long as nothing is added to them.
	shared   bool
	gIndex   map[int64]int // place in gs
	objIndex map[trace.ID]int
	sites    map[uint64]string
	sources  map[uint64]Source
	sourced  bool // some of sources have lines
}

// A Source is a part of a source file. It has no lines if they are not known.
type Source struct {
	File    string   // the path of the file, "" if it is not known
	Changed bool     // the file has changed since, so that these may be other lines
	First   int      // the number of the first line
	At      int      // that of the line that it is about
	Lines   []string // without line feeds
}

// Status says what a goroutine is doing.
type Status uint8

// The statuses.
const (
	Unknown  Status = iota
	Running         // it runs, or could
	Waiting         // it waits for Goroutine.For
	Released        // it was released by Goroutine.By and has not run since
	GaveUp          // its last wait ended without success (Goroutine.Reason); it runs
	Ended           // it is gone
)

// A Goroutine is what is known of one goroutine.
type Goroutine struct {
	ID     int64
	Name   string
	Parent int64 // the goroutine that started it, 0 if not known

	Status Status
	Since  time.Duration // when it got this status
	For    trace.ID      // what it waits for, was released from or gave up on; 0 otherwise
	Verb   string        // the operation that waits: "Acquire", "Put"; "" if it does not wait
	Want   int64         // how much it asks for
	By     int64         // Released: by whom, 0 if not known
	Failed bool          // Released, but without success: the barrier broke, the queue was closed …
	Reason trace.Reason  // GaveUp, or Failed: why
	Waited time.Duration // Released, GaveUp: how long it waited; 0 otherwise

	Born  time.Duration
	Holds []Hold // what it holds, oldest first

	Last trace.Event // the last event that happened to it

	locals []trace.ID // where it has a value
	tag    uint64     // see State
}

// Left reports whether it is known that the goroutine has not ended. Of one that runs, and that sync2.Go did not start, it
// is not known: no event would have told its end.
func (g *Goroutine) Left() bool {
	switch g.Status {
	case Ended, Unknown:
		return false
	case Running:
		return g.Parent != 0
	case Waiting, Released, GaveUp:
	}
	return true
}

// A Hold is one thing that a goroutine holds.
type Hold struct {
	Obj   trace.ID
	G     int64 // the holder, 0 if not known (it was held before the trace began)
	N     int64 // permits, or the depth of a lock; of an RWMutex that is read, how often
	Since time.Duration
	Read  bool // of an RWMutex: for reading
}

// An Object is what is known of one object. Fields below the class's own heading are zero for other classes.
type Object struct {
	ID     trace.ID
	Class  trace.Class
	Name   string
	Parent trace.ID // the lock of a Cond, the Executor of a Future; 0: none
	Inner  bool     // it is the standard library's own; see Internal

	Born, Touched time.Duration // when it was defined; when something last happened to it
	Queue         []int64       // the goroutines that wait here, first come first
	Holders       []Hold        // who holds it, oldest first: semaphores and locks

	// What waiting here has cost so far, in all goroutines: waits that have ended, and the longest queue there was.
	Waits    int
	WaitTime time.Duration
	MaxQueue int

	// Passed holds who was let through last, oldest first: the goroutines of an Event's or Barrier's last opening,
	// with their index in N. It starts anew with the next opening.
	Passed []Hold

	// Event
	IsSet      bool
	Generation int // how many times it was cleared

	// Barrier
	Parties int
	Arrived []Hold // who has arrived in this generation; N is the index
	Next    []Hold // who arrived for the generations behind it while the action of this one runs
	Fallen  []Hold // who was in the generation that a Break, Reset or failing action ended; until somebody arrives again
	Trips   int    // completed generations
	Acting  int64  // the goroutine that runs the action, 0: none
	Broken  bool
	By      int64 // who broke it
	Reason  trace.Reason
	Cause   string

	// Semaphore: permits available, and the most that were ever available and held together
	Permits, Size int64

	// Semaphore: its permits are news and not possessions. It began with none, or somebody gave back what another had
	// taken. Then its Holders tell who heard of something, and not who has to give anything back, and no Holds has it.
	Signals bool

	// Mutex, ReentrantLock, RWMutex that is written: 0 if free. Owner 0 with a depth of 1 or more: held by one unknown
	Owner int64
	Depth int64
	Tries int // failed tries so far, also of semaphores

	// Local
	Values []Value // by goroutine, in order of their first Set

	// Queue, Stack, PriorityQueue, Chan
	Capacity         int // 0: unbounded, or of a Chan that it has no buffer
	Items            []Item
	Puts, Gets, Done int  // items put, taken and accounted for so far; unfinished: Puts − Done
	Taken            Item // the one taken last
	Closed           bool

	// Executor: Parent of its Futures. Workers is how many it may have.
	Workers int
	Tasks   []trace.ID // futures whose task has not started, oldest first
	Busy    []Hold     // tasks that run: Obj is the future, G the worker
	Settled int        // futures settled so far

	// Future
	Progress Progress
	Since    time.Duration // when it got this far
	Worker   int64         // who runs or ran the task
	Result   string        // its value or error in words; of a variable, what was last read or written

	// Group: futures for which a goroutine waits, in the order of the call, as far as they are known; and how many they are
	Members []trace.ID
	Watches int

	// Goroutine: which one
	Of int64

	// Chan: who has sent to it or closed it, or wanted to, and who has received from it, or wanted to: the first 64 each.
	// Of other classes, likewise, who has given what somebody may wait for: notified a Cond, set an Event, released a
	// Semaphore, counted a WaitGroup down, put into a Queue; and who has taken from a Queue
	Senders, Receivers []int64

	// TaskGroup: the members that have not ended, in order of their start; and how many may run at once, 0: any number. Broken,
	// By and Cause tell what failed first, Closed that it was canceled, Settled how many have come to their end
	Team  []int64
	Limit int

	// Watch: Count is its version, Result its value. Passed holds who got the latest version

	// Select: what somebody waits for here, or who came last has waited for; and which of them came true, from 1, 0 for none
	Cases  []Case
	Chosen int

	// WaitGroup: the counter, and what was added last
	Count, Added int

	// Once: Acting runs the function; IsSet, if it has run. Atomic: Result
	// Timer: IsSet; the time at which it goes off, and how often it has
	Deadline time.Duration
	Fired    int

	mixed   bool         // RWMutex: one who reads has unlocked it for another, so that Holders may not be who reads
	past    bool         // Select: nobody waits for Cases any more. Group, Mutex: nobody comes back to it
	failing bool         // Barrier: those released now are released without success …
	why     trace.Reason // … and why

	families [5]int     // of Queue, how many wait with a verb of each family
	groups   []trace.ID // of a Future that is not settled: where it is watched
	settled  int        // of a group: how many Members are settled
	tag      uint64
}

// A Case is one of several things for which a goroutine waits in a select statement.
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

// An Item is something in a Queue.
type Item struct {
	ID   int64
	Text string
	By   int64 // who put it
}

// Progress says how far a Future has come. The numbers are those of sync2.State.
type Progress int64

// The stages of a Future.
const (
	Pending Progress = iota + 1
	InProgress
	Succeeded
	FailedWithError
	CanceledBefore
)
