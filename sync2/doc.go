// Package sync2 provides synchronization primitives that can give up, are fair, and can be watched.
//
// # Which one
//
//   - Something has happened, and everybody may know: [Event].
//   - Some goroutines must meet before any goes on: [Barrier].
//   - A number of things must have happened, however many: [WaitGroup].
//   - At most n at once, or n units of something: [Semaphore].
//   - One at a time: [Mutex]; and the one inside may come in again: [ReentrantLock].
//   - One at a time for each key: [KeyedMutex].
//   - Any number who read, or one who writes: [RWMutex].
//   - Something that is done once, and tried again if it fails: [Once].
//   - Wait until shared state meets a condition: [Cond].
//   - The latest value of something, and when there is a newer one: [Watch].
//   - Hand values from some goroutines to others, and know when all are dealt with: [Queue].
//   - Goroutines that stand and fall together: [Group].
//   - Many ask for the same thing, and one fetches it: [Flight].
//   - The result of something that runs elsewhere: [Future], from an [Executor] or a [Promise].
//   - A variable of which each goroutine has its own: [Local].
//   - A goroutine with a name that can be waited for: [Go].
//
// Those who come from elsewhere:
//
//	Python                          java.util.concurrent     here
//	threading.Event                 CountDownLatch(1)        Event
//	-                               CountDownLatch, Phaser   WaitGroup
//	threading.Barrier               CyclicBarrier            NewBarrier
//	threading.Semaphore             Semaphore(n, true)       NewSemaphore
//	threading.BoundedSemaphore      -                        NewBoundedSemaphore
//	threading.Lock                  -                        Mutex
//	threading.RLock                 ReentrantLock            ReentrantLock
//	-                               ReentrantReadWriteLock   RWMutex
//	threading.Condition             Condition                NewCond
//	threading.local                 ThreadLocal              Local
//	threading.Thread, join          Thread, join             Go, Goroutine.Join
//	threading.current_thread        Thread.currentThread     Current
//	threading.enumerate             -                        Goroutines
//	queue.Queue                     LinkedBlockingQueue      NewQueue
//	queue.LifoQueue                 LinkedBlockingDeque      NewStack
//	queue.PriorityQueue             PriorityBlockingQueue    NewPriorityQueue
//	concurrent.futures.Future       CompletableFuture        Future, NewPromise
//	ThreadPoolExecutor, submit      ExecutorService          NewExecutor, Submit
//	Executor.map                    invokeAll                Map
//	as_completed, wait              CompletionService        AsCompleted, WaitAll, WaitAny, WaitFirstError
//
// and from the packages sync and golang.org/x/sync:
//
//	sync.Mutex                      Mutex, with LockContext, LockTimeout
//	sync.RWMutex                    RWMutex, with LockContext, RLockTimeout and so on, Downgrade
//	sync.Once                       Once, with DoContext
//	sync.Cond                       NewCond, with WaitContext, WaitTimeout, WaitFor
//	sync.WaitGroup                  WaitGroup, with WaitContext, WaitTimeout
//	semaphore.Weighted              NewBoundedSemaphore
//	  Acquire(ctx, n)                 AcquireN, which returns ErrTooMany at once if n is more than there can be
//	  TryAcquire(n), Release(n)       TryAcquireN, ReleaseN
//	errgroup.Group, SetLimit(n)     NewGroup, with WithLimit(n); NewExecutor(n), to use the goroutines again
//	  Go, Wait                        Go, Wait
//	singleflight.Group              Flight
//
// # One family of verbs
//
// A verb that can wait has up to four forms. Acquire waits as long as it takes. AcquireContext gives up when its
// context ends, and returns the cause of that. AcquireTimeout gives up after a duration; zero or less means not to wait
// at all. TryAcquire never waits.
//
// Giving up changes nothing: it takes no permit, loses no wake-up, and leaves no waiter behind. (A [Barrier] is the
// exception: who gives up breaks it, since the others would wait in vain.) A context that has ended already fails
// first, even where there would have been nothing to wait for. If success and the end of the context come at the same
// moment, success wins.
//
// Where goroutines queue they are served first come, first served. Only the locks let a running goroutine go first, for
// speed, and never past one that has waited for 1 ms.
//
// # Memory model
//
// Each type says which of its calls “synchronize before” which returns, in the terminology of the Go memory model. In
// short: what a goroutine did before it released another, or left something for it, has happened for the other when its
// call returns with success. A call that fails establishes no such relation, unless its documentation says so.
//
// # Errors and misuse
//
// What can fail at run time returns an error, to be matched with errors.Is and errors.As. Misuse, such as to unlock what
// is not locked, panics with a [*UsageError], and leaves the primitive as it was.
//
// # Watching and testing
//
// Package trace records every wait and release, package timeline turns such a record into the state of everything at
// any moment, and package explore runs a test under every order in which its operations could happen. With none of
// them in use a primitive pays one atomic load for being watchable.
//
// All primitives work with testing/synctest: a goroutine that waits in one is durably blocked, and timeouts run on the
// bubble's clock.
package sync2
