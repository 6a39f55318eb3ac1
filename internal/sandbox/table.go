package sandbox

import (
	"reflect"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2"
)

// A Kind is a kind of object, with the calls that can be made on it.
type Kind struct {
	Name   string  // "Semaphore"
	About  string  // what it is, in a few words
	Makers []Maker // none if other calls return it
	Verbs  []Verb

	typ  reflect.Type // the pointer or interface type
	free []string     // calls that release its waiters; each may panic
	ends bool         // these must always be made, so that its own goroutines exit
}

// A Maker makes an object.
type Maker struct {
	Name    string // "NewSemaphore", or "Mutex" of a zero value
	Params  string // parameter names
	Options []Option
	About   string // what it makes, if the kind does not say

	fn   any    // the function; nil for a zero value
	zero any    // a pointer to the zero value
	code string // how to make it in Go; %s stands for the arguments
	ctx  bool   // its first parameter is a context that the user does not write
}

// An Option is an option of a Maker.
type Option struct {
	Name   string // "WithTimeout"
	Params string

	fn any
}

// A Verb is a call that can be made.
type Verb struct {
	Name   string
	Params string // parameter names
	About  string

	fn      any  // a function of the package; nil for a method
	looks   bool // it never waits and changes nothing
	varies  bool // its result differs each time
	crashes bool // a panic in its function would crash the program
}

// v is a verb that changes something or may wait.
func v(name, params, about string) Verb { return Verb{Name: name, Params: params, About: about} }

// look is a verb that only queries.
func look(name, params, about string) Verb {
	return Verb{Name: name, Params: params, About: about, looks: true}
}

// crash is a verb whose function must not panic.
func crash(name, params, about string) Verb {
	return Verb{Name: name, Params: params, About: about, crashes: true}
}

// family returns the verbs of a wait: the plain one, and those with a context and a timeout.
func family(name, params, about string) []Verb {
	with := func(p string) string { return strings.TrimSpace(p + " " + params) }
	return []Verb{
		v(name, params, about),
		v(name+"Context", with("ctx"), about+"; gives up when its context ends: cancel"),
		v(name+"Timeout", with("d"), about+"; gives up after d"),
	}
}

// try is the verb that never waits.
func try(name, params, about string) Verb {
	return v("Try"+name, params, about+", unless it would wait")
}

var (
	stringer = Verb{Name: "String", About: "its state in words", looks: true, varies: true} // a test gives objects no names
	waiting  = look("Waiting", "", "the number of waiters")
	locking  = verbs(family("Lock", "", "takes the lock"), try("Lock", "", "takes the lock"), v("Unlock", "", "releases the lock"),
		look("Locked", "", "whether it is locked"), waiting, stringer)
)

// verbs joins verbs and lists of them.
func verbs(parts ...any) []Verb {
	var all []Verb
	for _, p := range parts {
		switch p := p.(type) {
		case Verb:
			all = append(all, p)
		case []Verb:
			all = append(all, p...)
		}
	}
	return all
}

// zero is the maker of a type whose zero value is usable.
func zero(name, code string, value any) Maker {
	return Maker{Name: name, code: "new(" + code + ")", zero: value}
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

var queueVerbs = verbs(
	family("Put", "v", "puts a value in; waits for room"), try("Put", "v", "puts a value in"),
	family("Get", "", "takes a value out; waits for one"), try("Get", "", "takes a value out"),
	v("All", "", "takes values out, one per iteration, until it is closed and empty; calls TaskDone after each"),
	v("TaskDone", "", "marks a taken value as done"), v("Requeue", "v", "puts a taken value back"),
	family("Join", "", "waits until everything put in is done"),
	v("Close", "", "accepts no more values"), v("Discard", "", "closes it and drops the remaining values"),
	look("Len", "", "the number of values it holds"), look("Cap", "", "its capacity; 0: unbounded"),
	look("Unfinished", "", "the number of values not done"), look("Waiting", "", "the numbers of waiting producers and consumers"), stringer,
)

// kinds is the table of everything that can be made and called.
var kinds = []*Kind{
	{
		Name: "Event", About: "a flag that goroutines wait for", typ: typeOf[*sync2.Event](),
		Makers: []Maker{zero("Event", "sync2.Event", new(sync2.Event))},
		Verbs: verbs(family("Wait", "", "waits until it is set"), v("Set", "", "sets it and wakes all waiters"), v("Clear", "", "clears it"),
			look("Done", "", "whether its channel is closed"), look("IsSet", "", "whether it is set"), waiting, stringer),
		free: []string{"Set()"},
	},
	{
		Name: "Barrier", About: "n goroutines meet; any of them can abort", typ: typeOf[*sync2.Barrier](),
		Makers: []Maker{{Name: "NewBarrier", Params: "parties", fn: sync2.NewBarrier, code: "sync2.NewBarrier(%s)", Options: []Option{
			{"WithAction", "fn", sync2.WithAction}, {"WithTimeout", "d", sync2.WithTimeout},
		}}},
		Verbs: verbs(family("Wait", "", "arrives and waits for the others"), v("Abort", "err", "breaks it, with a cause"), v("Reset", "", "repairs it"),
			look("Parties", "", "the number of goroutines that meet"), look("Broken", "", "whether it is broken"), look("Waiting", "", "the number that have arrived"), stringer),
		free: []string{"Abort(nil)"},
	},
	{
		Name: "Semaphore", About: "counting and weighted; first come, first served", typ: typeOf[*sync2.Semaphore](),
		Makers: []Maker{
			{Name: "NewSemaphore", Params: "permits", fn: sync2.NewSemaphore, code: "sync2.NewSemaphore(%s)"},
			{Name: "NewBoundedSemaphore", Params: "permits", fn: sync2.NewBoundedSemaphore, code: "sync2.NewBoundedSemaphore(%s)", About: "bounded; never more permits than this"},
		},
		Verbs: verbs(family("Acquire", "", "takes a permit"), try("Acquire", "", "takes a permit"), v("AcquireN", "ctx n", "takes n permits, all or none"),
			v("TryAcquireN", "n", "takes n permits, unless it would wait"), v("Release", "", "returns a permit"), v("ReleaseN", "n", "returns n permits"),
			v("Drain", "", "takes all available permits"), v("Resize", "permits", "sets the number of permits of a bounded one"),
			look("Available", "", "the number of free permits"), waiting, stringer),
		free: []string{"Release()", "ReleaseN(1 << 20)", "Resize(1 << 20)"},
	},
	{
		Name: "Mutex", About: "mutual exclusion", typ: typeOf[*sync2.Mutex](),
		Makers: []Maker{zero("Mutex", "sync2.Mutex", new(sync2.Mutex))}, Verbs: locking, free: []string{"Unlock()"},
	},
	{
		Name: "ReentrantLock", About: "mutual exclusion; its owner may lock it again", typ: typeOf[*sync2.ReentrantLock](),
		Makers: []Maker{zero("ReentrantLock", "sync2.ReentrantLock", new(sync2.ReentrantLock))},
		Verbs: verbs(locking, look("Held", "", "whether the caller holds it"), look("Depth", "", "the number of times the caller has locked it"),
			Verb{Name: "Owner", About: "the id of the goroutine that holds it", looks: true, varies: true}),
	},
	{
		Name: "RWMutex", About: "many readers or one writer, fair", typ: typeOf[*sync2.RWMutex](),
		Makers: []Maker{zero("RWMutex", "sync2.RWMutex", new(sync2.RWMutex))},
		Verbs: verbs(family("Lock", "", "takes the lock for writing"), try("Lock", "", "takes the lock for writing"), v("Unlock", "", "releases the lock for writing"),
			family("RLock", "", "takes the lock for reading"), v("TryRLock", "", "takes the lock for reading, unless it would wait"), v("RUnlock", "", "releases the lock for reading"),
			v("Downgrade", "", "turns the writer into a reader"), v("RLocker", "", "its lock for reading, as a sync.Locker"),
			look("Locked", "", "whether it is locked for writing"), look("Readers", "", "the number of readers"), waiting, stringer),
		free: []string{"Unlock()", "RUnlock()"},
	},
	{
		Name: "Locker", About: "the lock of an RWMutex for reading", typ: typeOf[sync.Locker](),
		Verbs: verbs(v("Lock", "", "takes the lock"), v("Unlock", "", "releases the lock")),
	},
	{
		Name: "Cond", About: "waits for a condition on shared state", typ: typeOf[*sync2.Cond](),
		Makers: []Maker{{Name: "NewCond", Params: "lock", fn: sync2.NewCond, code: "sync2.NewCond(%s)"}},
		Verbs: verbs(family("Wait", "", "releases the lock, waits for a signal, and takes the lock again"),
			v("WaitFor", "pred", "waits until a condition holds: a Flag, or one you decide"), v("WaitForContext", "ctx pred", "waits until a condition holds; gives up when its context ends: cancel"), v("WaitForTimeout", "d pred", "waits until a condition holds; gives up after d"),
			v("Signal", "", "wakes the longest waiter"), v("Broadcast", "", "wakes all waiters"), v("Notify", "n", "wakes n waiters"), waiting, stringer),
		free: []string{"Broadcast()"},
	},
	{
		Name: "WaitGroup", About: "waits for a number of tasks", typ: typeOf[*sync2.WaitGroup](),
		Makers: []Maker{zero("WaitGroup", "sync2.WaitGroup", new(sync2.WaitGroup))},
		Verbs: verbs(v("Add", "n", "adds to the counter"), v("Done", "", "decrements the counter"), crash("Go", "fn", "starts a goroutine and counts it"),
			family("Wait", "", "waits until the counter is 0"), look("Count", "", "the counter"), waiting, stringer),
		free: []string{"Done()"},
	},
	{
		Name: "Once", About: "done once; a function that fails may be tried again", typ: typeOf[*sync2.Once](),
		Makers: []Maker{zero("Once", "sync2.Once", new(sync2.Once))},
		Verbs: verbs(v("Do", "fn", "calls fn unless that was done; waits if another call is doing it"), v("DoContext", "ctx fn", "calls fn, which may fail, unless that was done; gives up when its context ends: cancel"),
			look("Done", "", "whether it is done"), stringer),
	},
	{
		Name: "KeyedMutex", About: "a lock for each key", typ: typeOf[*sync2.KeyedMutex[string]](),
		Makers: []Maker{zero("KeyedMutex", "sync2.KeyedMutex[string]", new(sync2.KeyedMutex[string]))},
		Verbs: verbs(v("Lock", "key", "takes the lock of a key"), v("LockContext", "ctx key", "takes the lock of a key; gives up when its context ends: cancel"), v("LockTimeout", "key d", "takes the lock of a key; gives up after d"),
			v("TryLock", "key", "takes the lock of a key, unless it would wait"), v("Unlock", "key", "releases the lock of a key"),
			look("Locked", "key", "whether the key is locked"), look("Waiting", "key", "the number waiting for the key"), look("Len", "", "the number of keys in use"), stringer),
		free: []string{"Unlock(key)"},
	},
	{
		Name: "Flight", About: "concurrent calls for the same key share one result", typ: typeOf[*sync2.Flight[string, string]](),
		Makers: []Maker{zero("Flight", "sync2.Flight[string, string]", new(sync2.Flight[string, string]))},
		Verbs: verbs(v("Do", "ctx key fn", "calls fn unless such a call is in progress for the key; waits for the result"), v("Forget", "key", "the next Do calls its function again"),
			look("Len", "", "the number of calls in progress"), stringer),
	},
	{
		Name: "Group", About: "goroutines that succeed or fail together", typ: typeOf[*sync2.Group](),
		Makers: []Maker{{Name: "NewGroup", fn: sync2.NewGroup, ctx: true, code: "sync2.NewGroup(%s)", Options: []Option{
			{"WithLimit", "n", sync2.WithLimit}, {"WithAllErrors", "", sync2.WithAllErrors},
		}}},
		Verbs: verbs(v("Go", "name fn", "starts a goroutine"), v("TryGo", "name fn", "starts a goroutine if there is room"), v("GoContext", "ctx name fn", "starts a goroutine; waits for room until its context ends"),
			v("Cancel", "err", "ends the context of all goroutines"), family("Wait", "", "waits for all"), look("Context", "", "whether its context has ended"), stringer),
		free: []string{"Cancel(nil)"}, ends: true,
	},
	{
		Name: "Watch", About: "the latest value, with waits for a newer one", typ: typeOf[*sync2.Watch[string]](),
		Makers: []Maker{{Name: "NewWatch", Params: "v", fn: sync2.NewWatch[string], code: "sync2.NewWatch(%s)"}},
		Verbs: verbs(v("Set", "v", "sets the value"), v("Update", "fn", "sets the value to what fn returns"), look("Get", "", "the value and its version"),
			v("Wait", "after", "waits for a version above after"), v("WaitContext", "ctx after", "waits for a version above after; gives up when its context ends: cancel"), v("WaitTimeout", "after d", "waits for a version above after; gives up after d"), waiting, stringer),
		free: []string{`Set("")`},
	},
	{
		Name: "Queue", About: "for producers and consumers; tracks unfinished values", typ: typeOf[*sync2.Queue[string]](),
		Makers: []Maker{
			{Name: "NewQueue", Params: "capacity", fn: sync2.NewQueue[string], code: "sync2.NewQueue[string](%s)", About: "first in, first out"},
			{Name: "NewStack", Params: "capacity", fn: sync2.NewStack[string], code: "sync2.NewStack[string](%s)", About: "last in, first out"},
			{Name: "NewPriorityQueue", Params: "capacity", fn: newPriorityQueue, code: "sync2.NewPriorityQueue(%s, strings.Compare)", About: "smallest first"},
		},
		Verbs: queueVerbs, free: []string{"Discard()", "TaskDone()"},
	},
	{
		Name: "Executor", About: "runs tasks on a number of workers", typ: typeOf[*sync2.Executor](),
		Makers: []Maker{{Name: "NewExecutor", Params: "workers", fn: sync2.NewExecutor, code: "sync2.NewExecutor(%s)", Options: []Option{
			{"WithName", "name", sync2.WithName}, {"WithQueue", "n", sync2.WithQueue}, {"WithInitializer", "fn", sync2.WithInitializer},
		}}},
		Verbs: verbs(
			Verb{Name: "Submit", Params: "executor fn", About: "submits a task", fn: sync2.Submit[string]},
			Verb{Name: "SubmitContext", Params: "ctx executor fn", About: "submits a task with a context", fn: sync2.SubmitContext[string]},
			Verb{Name: "TrySubmit", Params: "executor fn", About: "submits a task, unless it would wait", fn: sync2.TrySubmit[string]},
			crash("Execute", "fn", "submits a task without a Future"),
			family("Shutdown", "", "accepts no more tasks, and waits for those it has"),
			v("Cancel", "err", "cancels queued tasks, and ends the context of running ones"), v("Resize", "workers", "changes the number of workers"),
			look("Queued", "", "the number of queued tasks"), look("Running", "", "the number of running tasks"), look("Workers", "", "the maximum number of workers"), stringer),
		free: []string{"Cancel(nil)"}, ends: true,
	},
	{
		Name: "Promise", About: "a Future that is settled by hand", typ: typeOf[*sync2.Promise[string]](),
		Makers: []Maker{{Name: "NewPromise", fn: sync2.NewPromise[string], code: "sync2.NewPromise[string](%s)"}},
		Verbs:  verbs(v("Future", "", "its Future"), v("Succeed", "v", "settles it with a value"), v("Fail", "err", "settles it with an error"), stringer),
		free:   []string{`Succeed("")`},
	},
	{
		Name: "Future", About: "the result of a task", typ: typeOf[*sync2.Future[string]](),
		Verbs: verbs(family("Result", "", "waits for the result"), v("Cancel", "", "cancels it, or the context of its running task"), v("OnDone", "fn", "calls fn once it is settled"),
			look("Done", "", "whether its channel is closed"), look("State", "", "whether it is pending, running or settled"), look("Err", "", "its error, if it is settled"), waiting, stringer,
			Verb{Name: "WaitAll", Params: "ctx futures", About: "waits for several", fn: sync2.WaitAll[string]},
			Verb{Name: "WaitAny", Params: "ctx futures", About: "waits for the first of several", fn: sync2.WaitAny[string]},
			Verb{Name: "WaitFirstError", Params: "ctx futures", About: "waits for several, or the first that fails", fn: sync2.WaitFirstError[string]},
			Verb{Name: "WaitEach", Params: "ctx futures", About: "waits for several; the first error of them", fn: sync2.WaitEach},
			Verb{Name: "AsCompleted", Params: "ctx futures", About: "several, one a turn, as they are settled", fn: sync2.AsCompleted[string]}),
		free: []string{"Cancel()"},
	},
	{
		Name: "Local", About: "a value for each goroutine", typ: typeOf[*sync2.Local[string]](),
		Makers: []Maker{
			zero("Local", "sync2.Local[string]", new(sync2.Local[string])),
			{Name: "LocalWithNew", Params: "fn", fn: newLocal, code: "&sync2.Local[string]{New: %s}", About: "its function makes the first value"},
		},
		Verbs: verbs(v("Get", "", "the caller's value"), v("Set", "v", "sets the caller's value"), v("Delete", "", "deletes the caller's value"), stringer),
	},
	{
		Name: "Goroutine", About: "a goroutine that was started here", typ: typeOf[*sync2.Goroutine](),
		Verbs: verbs(family("Join", "", "waits until it exits"), look("Alive", "", "whether it is still running"), look("Done", "", "whether its channel is closed"), look("Name", "", "its name"),
			Verb{Name: "ID", About: "its id", looks: true, varies: true}, Verb{Name: "String", About: "its state in words", looks: true, varies: true}),
	},
	{
		Name: "Flag", About: "a plain atomic.Bool, for the condition of a Cond", typ: typeOf[*atomic.Bool](),
		Makers: []Maker{zero("Flag", "atomic.Bool", new(atomic.Bool))},
		Verbs: verbs(v("Store", "val", "sets it"), look("Load", "", "whether it is set"), v("Swap", "new", "sets it, and returns what it was"),
			v("CompareAndSwap", "old new", "sets it, if it is old")),
	},
}

// functions are the functions of the package that need no object.
var functions = []Verb{
	{Name: "ReleaseLocals", About: "deletes every Local value of the caller", fn: sync2.ReleaseLocals},
	{Name: "Yield", About: "yields to other goroutines", fn: sync2.Yield},
}

func newPriorityQueue(capacity int) *sync2.Queue[string] {
	return sync2.NewPriorityQueue(capacity, strings.Compare)
}

func newLocal(fn func() string) *sync2.Local[string] { return &sync2.Local[string]{New: fn} }

// kindOf returns the kind of type t, nil if there is none.
func kindOf(t reflect.Type) *Kind {
	for _, k := range kinds {
		if k.typ == t {
			return k
		}
	}
	return nil
}

// verb returns the verb of k called name, nil if there is none.
func (k *Kind) verb(name string) *Verb {
	for i := range k.Verbs {
		if k.Verbs[i].Name == name {
			return &k.Verbs[i]
		}
	}
	return nil
}

// maker returns the maker called name.
func maker(name string) (*Kind, *Maker) {
	for _, k := range kinds {
		for i := range k.Makers {
			if k.Makers[i].Name == name {
				return k, &k.Makers[i]
			}
		}
	}
	return nil, nil
}
