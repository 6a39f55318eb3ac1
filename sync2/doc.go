// Package sync2 provides synchronization primitives that are fair, that have a context and a timeout variant of every
// blocking call, and that can be observed.
//
// # Choosing a primitive
//
//   - Tell any number of goroutines that something has happened: [Event].
//   - Make a fixed number of goroutines meet before any of them continues: [Barrier].
//   - Wait for any number of things to finish: [WaitGroup].
//   - Let at most n goroutines in at once, or share n units of a resource: [Semaphore].
//   - Mutual exclusion: [Mutex], or [ReentrantLock] if the owner may lock again.
//   - Mutual exclusion for each key separately: [KeyedMutex].
//   - Many readers or one writer: [RWMutex].
//   - Do something once, and try again if it fails: [Once].
//   - Wait for a condition on shared state: [Cond].
//   - Read the latest value, and wait for a newer one: [Watch].
//   - Pass values between goroutines, and know when all of them have been processed: [Queue].
//   - Run goroutines that succeed or fail together: [Group].
//   - Merge concurrent requests for the same key into one call: [Flight].
//   - Get the result of a task that runs elsewhere: [Future], from an [Executor] or a [Promise].
//   - Give each goroutine its own copy of a variable: [Local].
//   - Start a goroutine that has a name and can be joined: [Go].
//
// Equivalents in Python and Java:
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
// and in packages sync and golang.org/x/sync:
//
//	sync.Mutex                      Mutex, with LockContext, LockTimeout
//	sync.RWMutex                    RWMutex, with LockContext, RLockTimeout and so on, Downgrade
//	sync.Once                       Once, with DoContext
//	sync.Cond                       NewCond, with WaitContext, WaitTimeout, WaitFor
//	sync.WaitGroup                  WaitGroup, with WaitContext, WaitTimeout
//	semaphore.Weighted              NewBoundedSemaphore
//	  Acquire(ctx, n)                 AcquireN, which returns ErrTooMany at once if n exceeds the bound
//	  TryAcquire(n), Release(n)       TryAcquireN, ReleaseN
//	errgroup.Group, SetLimit(n)     NewGroup, with WithLimit(n); NewExecutor(n), to reuse the goroutines
//	  Go, Wait                        Go, Wait
//	singleflight.Group              Flight
//
// # One family of verbs
//
// A method that can block has up to four forms. Acquire waits as long as it takes. AcquireContext gives up when its
// context ends, and returns the context's cause. AcquireTimeout gives up after a duration; if that is zero or negative,
// it does not wait at all. TryAcquire never waits.
//
// Giving up has no side effects: it takes no permit, loses no wake-up, and leaves no waiter behind. (A [Barrier] is the
// exception: giving up breaks it, since the other parties would wait in vain.) If the context has already ended, the
// call fails even if it would not have had to wait. If success and the end of the context race, success wins.
//
// Waiters are served in FIFO order. Only Mutex, ReentrantLock and KeyedMutex let a running goroutine barge in, for
// speed, and never ahead of a waiter that has waited for 1 ms.
//
// # Memory model
//
// Each type documents which of its calls “synchronize before” which returns, in the terminology of the Go memory model.
// In short: everything a goroutine did before it released another goroutine, or handed it a value, is visible to the
// other when its call returns successfully. A call that fails establishes no such relation, unless its documentation
// says so.
//
// # Errors and misuse
//
// A method that can fail at run time returns an error, to be matched with errors.Is and errors.As. Misuse panics with
// a [*UsageError] and leaves the primitive unchanged: for example unlocking an unlocked mutex, passing a nil context, or
// calling a method of the zero value of a type that has a constructor.
//
// # Watching and testing
//
// Package trace records every wait and release, package timeline reconstructs the state of every object at any moment
// of such a recording, and package explore runs a test under every possible schedule. When none of them is in use, a
// primitive pays one atomic load for being observable.
//
// All primitives work with testing/synctest: a goroutine that waits in one is durably blocked, and timeouts use the
// bubble's clock.
//
// # Files
//
//   - Flags, meeting points and counters: event.go, barrier.go, barrier_generation.go, waitgroup.go, once.go.
//   - Permits: semaphore.go, semaphore_queue.go.
//   - Locks, and the condition variable that is used with one: lock.go, mutex.go, reentrantlock.go, rwmutex.go,
//     keyedmutex.go, keyedmutex_table.go, cond.go.
//   - Queues with their order, their waiters and their items: queue.go, queue_rank.go, queue_wait.go, buffer.go.
//   - Futures, and how to wait for several of them: future.go, future_core.go, future_context.go, promise.go,
//     settled.go, wait.go, wait_group.go.
//   - Executors, with their options, the queue of their tasks, their workers and their end: executor.go,
//     executor_options.go, executor_submit.go, executor_context.go, executor_worker.go, executor_shutdown.go, map.go,
//     unclosed.go.
//   - Groups, and calls that are shared: group.go, flight.go, flight_context.go.
//   - Values that change: watch_value.go.
//   - Goroutines and their values: goroutine.go, registry.go, registry_race.go, registry_norace.go, briefs.go,
//     local.go, locals.go, slots.go, yield.go.
//   - Errors, and panics in callbacks: errors.go, onpanic.go.
//   - For observers, which are definitions for traces, String methods and the list of waits: declare.go, watch.go,
//     string.go, waits.go, waits_counted.go.
//   - Constants that tests change: tuning.go, tuning_steps.go.
package sync2
