package trace

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// An Event is one thing that happened. It is flat: a consumer that wants names, positions or the state of an object
// keeps what the Define events said (package timeline does).
//
// Events of one object are in their true order: each is sent at its linearization point. Seq is gapless within a
// stream, except where a [KindDropped] event says otherwise.
type Event struct {
	Seq   uint64 `json:"seq"`             // 1, 2, 3 …
	Time  int64  `json:"t"`               // nanoseconds since the trace began
	Kind  Kind   `json:"kind"`            // what happened
	G     int64  `json:"g,omitempty"`     // the goroutine to which it happened
	Obj   ID     `json:"obj,omitempty"`   // the object at which it happened
	Peer  int64  `json:"peer,omitempty"`  // the other goroutine (or, in definitions, the parent)
	N     int64  `json:"n,omitempty"`     // a number; the Kind says which
	PC    uint64 `json:"pc,omitempty"`    // where in the program, see KindDefinePC; 0: not known
	Class Class  `json:"class,omitempty"` // KindDefineObj only
	Inner bool   `json:"inner,omitempty"` // KindDefineObj only: the object is the standard library's own, and the program does not use it by itself
	Text  string `json:"text,omitempty"`  // a name, a verb or a value; the Kind says which
}

// ID names an object within one stream. Zero is no object.
type ID uint64

// Kind says what an Event tells. Readers must tolerate kinds that they do not know.
type Kind uint8

// The kinds of event.
const (
	KindBad Kind = iota // no event

	// The stream itself.
	KindBegin   // the trace began; N: Unix time in nanoseconds at Time 0; Text: what program it is of, "" if that is not said
	KindDropped // N events were lost just before this one
	KindEnd     // the trace was stopped
	KindLog     // G remarks Text

	// Definitions: each is sent once, before the first event that needs it.
	//
	// An object that was in use before the trace knew of it has a history. It is told as events of goroutine 0, which is
	// somebody unknown, just after the object's definition: a Block for each that waits, an Arrive for each that has
	// arrived, a Put for each item that is in a queue (N: 0, for its number is not known), a TaskDone that says how many
	// items are unfinished, a Break, a Close. The ends of such waits are events of goroutine 0 too. Goroutines that wait
	// and are known have Blocks of their own.
	KindDefineG   // goroutine G is called Text; Peer: the goroutine that started it, 0 if not known
	KindDefineObj // object Obj is a Class called Text; N: its state now, see Class; Peer: the ID of the object it belongs to
	KindDefinePC  // position PC is Text, "file.go:12 pkg.Func"; in further lines of Text, if there are any, the source from line N on, or if N is 0 the path of the file. Peer: 1 if that source is of a file that has changed since
	KindRename    // object Obj is called Text from now on

	// Goroutines.
	KindSpawn // G started goroutine Peer; Obj: the group to which that belongs, if any
	KindExit  // G ended; Text: what came of it, "" if that is not said; N: 1 if it failed

	// Waiting, the same for every class. A Block is ended by one Unblock or GiveUp of the same G and Obj.
	// Peer of a Block is its place: 0 at the end of the queue, -1 at the front, k > 0 before the last k, which came later
	// and were told of earlier.
	KindBlock   // G begins to wait for Obj; N: how much it asks for (1 unless said otherwise); Text: the verb ("Acquire")
	KindUnblock // G was released by Peer (0: by the runtime or an unknown); it runs again at its Resume. N, of G 0 only: the permits it got
	KindGiveUp  // G stopped waiting without success; N: a Reason
	KindResume  // G, unblocked before, runs again

	// Events.
	KindSet   // G set the Event; N: how many waiters that released. Or the timer; N: the Time at which it goes off. Or the Watch; N: its version now; Text: its value
	KindClear // G cleared the Event or stopped the timer
	KindPass  // G found the way open (Event set, Future settled, goroutine or group ended, Queue's work done, channel closed, counter 0, Once done) and did not wait. Or G got the value of the Watch; N: its version

	// Locks and semaphores. On a hand-off, Acquire follows the waiter's Unblock at once, before its Resume. Of an RWMutex,
	// the Text of Acquire and Release is the verb: if that begins with "R" or "TryR" it is about reading. "Downgrade" makes a
	// writer a reader.
	KindAcquire // G took N permits, or holds the lock now N deep. Peer -1: it had got them before, by an Unblock of G 0
	KindRelease // G gave back N permits, or holds the lock now N deep (0: free); Peer: the holder if it is another
	KindTryFail // G tried to get N at once and could not; Text: the verb

	// Barriers.
	KindArrive      // G arrived; N: its index in the generation, from 0
	KindActionBegin // G, the last to arrive, runs the action; or G runs the function of the Once
	KindActionEnd   // the action or function returned; Text: its error, if any; N: 1 if the Once is not done, so that the next may try
	KindTrip        // the generation is complete, all its parties are released; N: number of the generation, from 1
	KindBreak       // G broke the barrier; N: a Reason; Text: the cause
	KindReset       // G made the barrier whole again

	// Goroutine-local values.
	KindSetValue  // G's value is now Text
	KindDropValue // G has no value any more

	// Condition variables.
	KindNotify // G notified N waiters (each has its own Unblock)

	// Queues and channels. An item's number is unique within its queue or channel. What one goroutine hands to another
	// past the buffer of a channel is put by the one and at once got by the other, after the Unblock of the one that has waited.
	KindPut      // G put item N, shown as Text; Peer: its place from the head, 0 is next to be taken (not said of channels: the last)
	KindGet      // G took item N
	KindTaskDone // G accounted for an item; N: how many are unfinished now. Or G, a member of the group, is about to end; N: how many are left, also those that are about to be started
	KindClose    // G closed the queue, channel or executor; N: how many items were dropped

	// Futures and executors. Obj is the future.
	KindSubmit    // G handed in the task of future Obj; Peer: the ID of the executor, 0 for a promise
	KindTaskStart // worker G began the task
	KindSettle    // G settled the future; N: a sync2.State; Text: the value or error. Or G, a member of the group, came to its end in the same way
	KindCancel    // G asked to cancel the future, executor or group; Text: why, if that is said
	KindWatch     // G is about to wait for the future, among others; Peer: the ID of the group; N: the future's sync2.State now. Or for the channel; Peer: the ID of the select; Text: what it would do, "send" or "receive"

	// Variables and other things of the explorer.
	KindRead  // G read Text
	KindWrite // G wrote Text
	KindOp    // G did Text, something no other kind tells

	// Of plain Go.
	KindAdd  // G changed the counter of the WaitGroup; N: what it is now
	KindFire // the timer went off; N: the Time at which it will again, 0: it will not
	KindFail // the program failed, in what G did (0: in no single goroutine) and at Obj if that is given; Text: how

	KindForget  // nobody comes back to Obj, a group for which G has waited, or a key that is free
	KindResize  // G gave the executor another number of workers at most, N; or the semaphore, which has N permits available now
	KindRequeue // G put back what it had taken from the queue, as item N, shown as Text; Peer: its place from the head
	KindPanic   // a callback of the future panicked in G, and the panic went no further; Text: its value

	kinds // how many there are
)

var kindNames = [kinds]string{
	KindBad: "bad", KindBegin: "begin", KindDropped: "dropped", KindEnd: "end", KindLog: "log",
	KindDefineG: "define-g", KindDefineObj: "define-obj", KindDefinePC: "define-pc", KindRename: "rename",
	KindSpawn: "spawn", KindExit: "exit", KindBlock: "block", KindUnblock: "unblock", KindGiveUp: "give-up", KindResume: "resume",
	KindSet: "set", KindClear: "clear", KindPass: "pass", KindAcquire: "acquire", KindRelease: "release", KindTryFail: "try-fail",
	KindArrive: "arrive", KindActionBegin: "action-begin", KindActionEnd: "action-end", KindTrip: "trip", KindBreak: "break", KindReset: "reset",
	KindSetValue: "set-value", KindDropValue: "drop-value", KindNotify: "notify",
	KindPut: "put", KindGet: "get", KindTaskDone: "task-done", KindClose: "close",
	KindSubmit: "submit", KindTaskStart: "task-start", KindSettle: "settle", KindCancel: "cancel", KindWatch: "watch",
	KindRead: "read", KindWrite: "write", KindOp: "op",
	KindAdd: "add", KindFire: "fire", KindFail: "fail",
	KindForget: "forget", KindResize: "resize", KindRequeue: "requeue", KindPanic: "panic",
}

// String returns the kind's name as it stands in files, such as "give-up".
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return "kind-" + strconv.Itoa(int(k))
}

// MarshalText implements [encoding.TextMarshaler]; the text is that of String.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It never fails: a name that it does not know, from a later
// version, gives a Kind that is none of those above.
func (k *Kind) UnmarshalText(text []byte) error {
	*k = Kind(number(kindNumbers, text, "kind-"))
	return nil
}

// Class says what sort of thing an object is, and with it what N in its DefineObj means.
type Class uint8

// The classes of object.
const (
	NoClass            Class = iota
	ClassEvent               // N: 1 if set
	ClassBarrier             // N: parties
	ClassSemaphore           // N: permits available
	ClassMutex               // N: 1 if locked
	ClassReentrantLock       // N: 1 if locked, by a goroutine that is not known
	ClassLocal               // N: not used
	ClassCond                // Peer: ID of its lock
	ClassQueue               // FIFO. N: capacity, 0 unbounded
	ClassStack               // LIFO. N: capacity, 0 unbounded
	ClassPriorityQueue       // smallest first. N: capacity, 0 unbounded
	ClassExecutor            // N: workers at most
	ClassFuture              // N: its sync2.State, 0 if not known. Peer: ID of its executor, if any
	ClassGroup               // several futures for which a goroutine waits; N: how many. See KindWatch
	ClassGoroutine           // something to Join; N: the goroutine's id
	ClassVar                 // a variable watched by the explorer
	ClassOther               // anything else

	// Of plain Go.
	ClassChan      // a channel. N: capacity
	ClassNilChan   // the nil channel, at which one waits for ever. N: not used
	ClassSelect    // where a goroutine waits in select statements. N: not used. See KindWatch
	ClassRWMutex   // N: 1 if locked for writing, 1 + n if n read
	ClassWaitGroup // N: the counter
	ClassOnce      // N: 1 if its function has run, 2 if somebody is running it
	ClassTimer     // a timer or ticker. N: the Time at which it goes off, 0 if it is not set. Peer: ID of its channel, if any
	ClassClock     // where goroutines sleep: N of a Block is for how many nanoseconds. N: not used
	ClassAtomic    // a variable of package sync/atomic

	ClassWatch      // a value that changes. N: its version
	ClassKeyedMutex // N: not used. Its keys are objects of ClassMutex that belong to it
	ClassFlight     // N: not used. Its calls are objects of ClassFuture that belong to it
	ClassTaskGroup  // goroutines that stand and fall together. N: how many may run at once, 0: any number

	classes // how many there are
)

var classNames = [classes]string{
	NoClass: "none", ClassEvent: "event", ClassBarrier: "barrier", ClassSemaphore: "semaphore", ClassMutex: "mutex",
	ClassReentrantLock: "reentrant-lock", ClassLocal: "local", ClassCond: "cond", ClassQueue: "queue", ClassStack: "stack",
	ClassPriorityQueue: "priority-queue", ClassExecutor: "executor", ClassFuture: "future", ClassGroup: "group", ClassGoroutine: "goroutine", ClassVar: "var", ClassOther: "other",
	ClassChan: "chan", ClassNilChan: "nil-chan", ClassSelect: "select", ClassRWMutex: "rwmutex", ClassWaitGroup: "waitgroup",
	ClassOnce: "once", ClassTimer: "timer", ClassClock: "clock", ClassAtomic: "atomic",
	ClassWatch: "watch", ClassKeyedMutex: "keyed-mutex", ClassFlight: "flight", ClassTaskGroup: "task-group",
}

// String returns the class's name as it stands in files, such as "reentrant-lock".
func (c Class) String() string {
	if c < classes {
		return classNames[c]
	}
	return "class-" + strconv.Itoa(int(c))
}

// MarshalText implements [encoding.TextMarshaler]; the text is that of String.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It never fails: a name that it does not know, from a later
// version, gives a Class that is none of those above.
func (c *Class) UnmarshalText(text []byte) error {
	*c = Class(number(classNumbers, text, "class-"))
	return nil
}

var kindNumbers, classNumbers = numbers(kindNames[:]), numbers(classNames[:])

func numbers(names []string) map[string]uint8 {
	m := make(map[string]uint8, len(names))
	for i, name := range names {
		m[name] = uint8(i)
	}
	return m
}

// number returns what text stands for: a name in known, prefix and a number not known, or anything else, which is 255.
func number(known map[string]uint8, text []byte, prefix string) uint8 {
	if n, ok := known[string(text)]; ok {
		return n
	}
	if digits, ok := strings.CutPrefix(string(text), prefix); ok {
		if n, err := strconv.ParseUint(digits, 10, 8); err == nil && int(n) >= len(known) {
			return uint8(n)
		}
	}
	return math.MaxUint8
}

// Reason says why a wait ended without success, or why a barrier broke. It is the N of GiveUp and Break.
type Reason int64

// The reasons.
const (
	NoReason     Reason = iota
	TimedOut            // its time was over
	Canceled            // its context ended
	Aborted             // Barrier.Abort
	ActionFailed        // the barrier's action returned an error, panicked or ended its goroutine
	WasReset            // Barrier.Reset while it waited
	WasClosed           // the queue was closed
)

var reasonNames = []string{"", "timed out", "canceled", "aborted", "action failed", "reset", "closed"}

// String returns the reason in words, such as "timed out".
func (r Reason) String() string {
	if r >= 0 && int(r) < len(reasonNames) {
		return reasonNames[r]
	}
	return fmt.Sprintf("reason %d", int64(r))
}
