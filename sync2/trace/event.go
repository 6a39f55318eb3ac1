package trace

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// An Event is one event of a trace. Events are flat: a consumer that needs names, positions or the state of an object
// must remember the Define events, as package timeline does.
//
// Events of one object are in their true order: each is sent at its linearization point. Seq is gapless within a
// stream, except where a [KindDropped] event says otherwise.
type Event struct {
	Seq   uint64 `json:"seq"`             // 1, 2, 3 …
	Time  int64  `json:"t"`               // nanoseconds since the trace began
	Kind  Kind   `json:"kind"`            // what happened
	G     int64  `json:"g,omitempty"`     // the goroutine that did it or to which it happened
	Obj   ID     `json:"obj,omitempty"`   // the object to which it happened
	Peer  int64  `json:"peer,omitempty"`  // the other goroutine or, in definitions, the parent
	N     int64  `json:"n,omitempty"`     // a number; its meaning depends on Kind
	PC    uint64 `json:"pc,omitempty"`    // the position in the program, see KindDefinePC; 0 if not known
	Class Class  `json:"class,omitempty"` // KindDefineObj only
	Inner bool   `json:"inner,omitempty"` // KindDefineObj only: the object is internal to the standard library, and the program does not use it directly
	Text  string `json:"text,omitempty"`  // a name, a verb or a value; its meaning depends on Kind
}

// ID names an object within one stream. Zero is no object.
type ID uint64

// A Kind is the kind of an [Event]. Readers must tolerate kinds that they do not know.
type Kind uint8

// The kinds of event.
const (
	KindBad Kind = iota // not an event

	// The stream itself.
	KindBegin   // the trace began; N: Unix time in nanoseconds at Time 0; Text: the program, "" if not given
	KindDropped // N events were lost immediately before this one
	KindEnd     // the trace was stopped
	KindLog     // G logged the message Text

	// Definitions. Each is sent once, before the first event that needs it.
	//
	// If an object was in use before the trace started, its definition is followed by events of goroutine 0, an unknown
	// goroutine, that reconstruct its state: a Block for each waiter, an Arrive for each party that has arrived, a Put
	// for each item in a queue (with N = 0, since its number is not known), a TaskDone with the number of unfinished
	// items, a Break, a Close. The ends of such waits are events of goroutine 0, too. Waiters that are known have
	// Blocks of their own.
	KindDefineG   // goroutine G has the name Text; Peer: the goroutine that started it, 0 if not known
	KindDefineObj // object Obj is a Class with the name Text; N: its current state, see Class; Peer: the ID of the object it belongs to
	KindDefinePC  // position PC is Text, "file.go:12 pkg.Func"; further lines of Text, if any, are the source from line N on, or if N is 0 the path of the file. Peer: 1 if the file has changed since the program was built
	KindRename    // object Obj now has the name Text

	// Goroutines.
	KindSpawn // G started goroutine Peer; Obj: the group to which Peer belongs, if any
	KindExit  // G ended; Text: its result, "" if not given; N: 1 if it failed

	// Waiting, the same for every class. A Block is ended by one Unblock or GiveUp of the same G and Obj. The Peer of a
	// Block is its position in the queue: 0 at the end, -1 at the front, k > 0 ahead of the last k waiters, which
	// arrived later but whose events came earlier.
	KindBlock   // G starts to wait for Obj; N: the amount it requests (1 by default); Text: the verb ("Acquire")
	KindUnblock // G was released by Peer (0: by the runtime or an unknown goroutine); it runs again at its Resume. N, for G 0 only: the permits it got
	KindGiveUp  // G stopped waiting without success; N: a Reason
	KindResume  // G, which was unblocked, runs again

	// Events.
	KindSet   // G set the Event; N: the number of waiters released. Or the timer; N: the Time at which it fires. Or the Watch; N: its new version; Text: its value
	KindClear // G cleared the Event or stopped the timer
	KindPass  // G did not have to wait (Event set, Future settled, goroutine or group ended, Queue's work done, channel closed, counter 0, Once done). Or G got the value of the Watch; N: its version

	// Locks and semaphores. On a hand-off, Acquire immediately follows the waiter's Unblock, before its Resume. For an
	// RWMutex, the Text of Acquire and Release is the verb: reading if it begins with "R" or "TryR". "Downgrade" turns
	// a writer into a reader.
	KindAcquire // G took N permits, or holds the lock at depth N. Peer -1: it got them earlier, by an Unblock of G 0
	KindRelease // G released N permits, or holds the lock at depth N (0: free); Peer: the holder if that is another goroutine
	KindTryFail // G failed to get N without waiting; Text: the verb

	// Barriers.
	KindArrive      // G arrived; N: its index in the generation, from 0
	KindActionBegin // G, the last to arrive, starts the action; or G starts the function of the Once
	KindActionEnd   // the action or function returned; Text: its error, if any; N: 1 if the Once is still not done
	KindTrip        // the generation is complete, all its parties are released; N: number of the generation, from 1
	KindBreak       // G broke the barrier; N: a Reason; Text: the cause
	KindReset       // G reset the barrier

	// Goroutine-local values.
	KindSetValue  // G's value is now Text
	KindDropValue // G no longer has a value

	// Condition variables.
	KindNotify // G notified N waiters (each has its own Unblock)

	// Queues and channels. An item's number is unique within its queue or channel. A value that bypasses the buffer of
	// a channel is put by the sender and immediately got by the receiver, after the Unblock of the one that waited.
	KindPut      // G put item N, shown as Text; Peer: its position from the head, 0 is taken next (not given for channels: always the last)
	KindGet      // G took item N
	KindTaskDone // G marked an item as finished; N: the number still unfinished. Or G, a member of the group, is about to end; N: the number of members left, including those about to be started
	KindClose    // G closed the queue, channel or executor; N: the number of items dropped

	// Futures and executors. Obj is the future.
	KindSubmit    // G submitted the task of future Obj; Peer: the ID of the executor, 0 for a promise
	KindTaskStart // worker G started the task
	KindSettle    // G settled the future; N: a sync2.State; Text: the value or error. Or G, a member of the group, ended with this result
	KindCancel    // G requested to cancel the future, executor or group; Text: the cause, if given
	KindWatch     // G is about to wait for the future, among others; Peer: the ID of the group; N: the future's current sync2.State. Or for the channel; Peer: the ID of the select; Text: the operation, "send" or "receive"

	// Variables and other objects of the explorer.
	KindRead  // G read Text
	KindWrite // G wrote Text
	KindOp    // G performed Text, an operation that no other kind describes

	// Of plain Go.
	KindAdd  // G changed the counter of the WaitGroup; N: its new value
	KindFire // the timer fired; N: the Time at which it fires again, 0 if it does not
	KindFail // the program failed in an operation of G (0: in no single goroutine) on Obj, if given; Text: how

	KindForget  // Obj is no longer used: a group for which G has waited, or a key that is free
	KindResize  // G changed the maximum number of workers of the executor to N; or resized the semaphore, which now has N permits available
	KindRequeue // G put an item that it had taken back into the queue, as item N, shown as Text; Peer: its position from the head. If G is 0, the queue took it back
	KindPanic   // a callback of the future panicked in G, and the panic was recovered; Text: its value

	kinds // their number
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

// String returns the name of the kind as used in files, such as "give-up".
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return "kind-" + strconv.Itoa(int(k))
}

// MarshalText implements [encoding.TextMarshaler]. The text is that of String.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It never fails: an unknown name, from a later version, yields a
// Kind that is none of those above.
func (k *Kind) UnmarshalText(text []byte) error {
	*k = Kind(number(kindNumbers, text, "kind-"))
	return nil
}

// A Class is the class of an object. It determines the meaning of N in the object's DefineObj.
type Class uint8

// The classes of object.
const (
	ClassNone          Class = iota
	ClassEvent               // N: 1 if set
	ClassBarrier             // N: parties
	ClassSemaphore           // N: permits available
	ClassMutex               // N: 1 if locked
	ClassReentrantLock       // N: 1 if locked by an unknown goroutine
	ClassLocal               // N: not used
	ClassCond                // Peer: ID of its lock
	ClassQueue               // FIFO. N: capacity, 0 unbounded
	ClassStack               // LIFO. N: capacity, 0 unbounded
	ClassPriorityQueue       // smallest first. N: capacity, 0 unbounded
	ClassExecutor            // N: workers at most
	ClassFuture              // N: its sync2.State, 0 if not known. Peer: ID of its executor, if any
	ClassGroup               // several futures for which a goroutine waits; N: their number. See KindWatch
	ClassGoroutine           // a goroutine that can be joined; N: its id
	ClassVar                 // a variable watched by the explorer
	ClassOther               // anything else

	// Of plain Go.
	ClassChan      // a channel. N: capacity
	ClassNilChan   // the nil channel, on which a goroutine waits forever. N: not used
	ClassSelect    // where a goroutine waits in select statements. N: not used. See KindWatch
	ClassRWMutex   // N: 1 if locked for writing, 1 + n if locked by n readers
	ClassWaitGroup // N: the counter
	ClassOnce      // N: 1 if its function has run, 2 if it is running
	ClassTimer     // a timer or ticker. N: the Time at which it fires, 0 if it is not set. Peer: ID of its channel, if any
	ClassClock     // where goroutines sleep; N of a Block is the duration in nanoseconds. N: not used
	ClassAtomic    // a variable of package sync/atomic

	ClassWatch      // a Watch. N: its version
	ClassKeyedMutex // N: not used. Its keys are objects of ClassMutex that belong to it
	ClassFlight     // N: not used. Its calls are objects of ClassFuture that belong to it
	ClassTaskGroup  // a Group of goroutines. N: its limit of running goroutines, 0 if it has none

	classes // their number
)

var classNames = [classes]string{
	ClassNone: "none", ClassEvent: "event", ClassBarrier: "barrier", ClassSemaphore: "semaphore", ClassMutex: "mutex",
	ClassReentrantLock: "reentrant-lock", ClassLocal: "local", ClassCond: "cond", ClassQueue: "queue", ClassStack: "stack",
	ClassPriorityQueue: "priority-queue", ClassExecutor: "executor", ClassFuture: "future", ClassGroup: "group", ClassGoroutine: "goroutine", ClassVar: "var", ClassOther: "other",
	ClassChan: "chan", ClassNilChan: "nil-chan", ClassSelect: "select", ClassRWMutex: "rwmutex", ClassWaitGroup: "waitgroup",
	ClassOnce: "once", ClassTimer: "timer", ClassClock: "clock", ClassAtomic: "atomic",
	ClassWatch: "watch", ClassKeyedMutex: "keyed-mutex", ClassFlight: "flight", ClassTaskGroup: "task-group",
}

// String returns the name of the class as used in files, such as "reentrant-lock".
func (c Class) String() string {
	if c < classes {
		return classNames[c]
	}
	return "class-" + strconv.Itoa(int(c))
}

// MarshalText implements [encoding.TextMarshaler]. The text is that of String.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It never fails: an unknown name, from a later version, yields a
// Class that is none of those above.
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

// number returns the value that text names: the index of a name in known, prefix followed by a number not in known,
// or 255 for anything else.
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

// A Reason is the reason why a wait ended without success, or why a barrier broke. It is the N of GiveUp and Break.
type Reason int64

// The reasons.
const (
	ReasonNone         Reason = iota
	ReasonTimedOut            // the timeout expired
	ReasonCanceled            // the context ended
	ReasonAborted             // Barrier.Abort
	ReasonActionFailed        // the barrier's action returned an error, panicked or ended its goroutine
	ReasonReset               // Barrier.Reset was called
	ReasonClosed              // the queue was closed
)

var reasonNames = []string{"", "timed out", "canceled", "aborted", "action failed", "reset", "closed"}

// String returns a description of the reason, such as "timed out".
func (r Reason) String() string {
	if r >= 0 && int(r) < len(reasonNames) {
		return reasonNames[r]
	}
	return fmt.Sprintf("reason %d", int64(r))
}
