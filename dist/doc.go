// Package dist provides the primitives of package sync2 for processes on any number of hosts: locks with leases and fencing tokens,
// semaphores, events, barriers, wait groups and work queues, each found by its name.
//
//	space, err := dist.Open(ctx, dist.WithDir("/var/lib/shop"))        // an engine in this process
//	space, err := dist.Open(ctx, dist.WithURL("nats://10.0.0.1:4222")) // or one elsewhere
//	…
//	held, err := space.Mutex("stock").LockContext(ctx)
//	if err != nil { … }
//	defer held.Unlock()
//	err = db.Update(held.Context(), held.Token(), …) // refuses a token lower than the highest it has seen
//
// It is a separate module, so that sync2 does not depend on what it is built on: NATS with JetStream. By default the server runs in
// this process and opens no port. The command turnstile-engine, or "turnstile engine", runs a server for several processes, or a node
// of a cluster. [Space.Trace] traces what happens in a space, in the format of package trace, and "turnstile watch dist" shows it.
//
// # Verbs
//
// They are those of sync2: Verb waits as long as it takes, VerbContext gives up when its context ends, VerbTimeout gives up after a
// duration, and TryVerb waits only for the engine's answer. All of them return an error, since the engine may be unreachable. If it is,
// a verb that may wait keeps trying until its context ends; one that does not wait gives up after 10 seconds. Misuse by this process
// panics with a [*sync2.UsageError]; misuse that depends on what other processes did is returned as an error.
//
// # How decisions are made
//
// Each primitive except the queue is one document in a bucket of JetStream's key-value store. Each change of its state is one write,
// made only if the document is still the one that the decision was based on (compare and swap by revision). If the answer to a
// write is lost, the write is recognized by its id and not repeated. An engine started by this package confirms a write when it is on
// disk, and a cluster when most of its nodes have it.
//
// The engine notifies waiters of each write. Once a second each waiter also reads the document, in case a connection was lost and a
// notification with it.
//
// Queues are JetStream streams; the leader of the stream decides which worker gets an item.
//
// # Time
//
// Leases are measured by monotonic clocks, each within one process: the holder counts from before it sends a renewal, other processes
// from when they see it, and the holder stops an eighth of the lease early. Setting a clock changes nothing. (The exception is the time
// that a worker has for an item of a queue, see [AckWithin]. It is measured by the wall clock of the leader's machine: if that is set
// forward, items are handed out again early.) What can go wrong is that a process, or its whole machine, is paused: see [Mutex] for
// what helps.
//
// If a holder dies, the next waiter gets the lock at most 2 seconds after the lease has expired. That does not include the time in
// which a cluster elects a new leader, up to 12 seconds in our tests: meanwhile no lock changes hands, and shorter leases expire.
//
// # Files
//
//   - Spaces and engines: open.go, engine.go, lockdir_*.go, names.go, title.go.
//   - The primitives with one document each: mutex.go, semaphore.go, event.go, barrier.go, waitgroup.go.
//   - Queues, with what is done by each verb: queue.go, queue_options.go, queue_put.go, queue_get.go, queue_item.go,
//     queue_join.go, letters.go.
//   - What they share (documents, permits, leases, errors): update.go, pool.go, grant.go, errors.go.
//   - For watchers, notes and changes: notes.go, watch.go.
//   - Traces, made from documents and notes: trace.go, trace_wait.go, trace_document.go, trace_queue.go.
package dist
