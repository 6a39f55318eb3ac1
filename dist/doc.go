// Package dist has the verbs of package sync2 for processes on any number of hosts: locks with leases and fencing tokens, semaphores,
// events, barriers, wait groups and work queues, each found by its name.
//
//	space, err := dist.Open(ctx, dist.WithDir("/var/lib/shop"))        // an engine in this process
//	space, err := dist.Open(ctx, dist.WithURL("nats://10.0.0.1:4222")) // or one elsewhere
//	…
//	held, err := space.Mutex("stock").LockContext(ctx)
//	if err != nil { … }
//	defer held.Unlock()
//	err = db.Update(held.Context(), held.Token(), …) // refuses a token that is lower than one that it has seen
//
// It is a module of its own, so that importers of sync2 see nothing of what it stands on: NATS with JetStream, as a server in this
// process, without a port, unless options say otherwise. The command turnstile-engine, or "turnstile engine", runs one for several
// processes, or a node of a cluster. [Space.Trace] tells what happens in a space as package trace has it, and "turnstile watch dist"
// shows that.
//
// # Verbs
//
// They are those of sync2: Verb waits as long as it takes, VerbContext gives up when the context ends, VerbTimeout after a time, and
// TryVerb does not wait, except for the engine. All of them return an error, since the engine can be out of reach. A verb that may
// wait then goes on trying until its context ends; one that does not wait gives up after 10 seconds. A misuse that the process alone
// is to blame for panics with a [*sync2.UsageError]; one that depends on what others did is returned as an error.
//
// # What is decided where
//
// Each primitive but the queue is one document in a bucket of JetStream's key-value store. Each change of hands is one write of it, made
// only if the document is still what the decision was made on (compare and swap by revision). Where an answer was lost, the
// write is found by its id, and not made twice. An engine that this package starts confirms a write when it is on disk, and a cluster
// when most of its nodes have it.
//
// Those who wait are told of each write by the engine. Once a second each of them also looks for itself, in case a connection
// was lost and news with it.
//
// Queues are streams of JetStream, and who gets an item is the decision of the leader of the stream.
//
// # Time
//
// Leases are measured by monotonic clocks, each by one process: the holder counts from before it sends a renewal, others from when
// they see it, and the holder stops an eighth of the lease early. Setting a clock changes nothing. (The time that a worker has for an
// item of a queue, see [AckWithin], is measured by the wall clock of the leader's machine: if that is set forward, items are given
// out again early.) What can go wrong is
// that a process, or its whole machine, stands still: see [Mutex] for what helps.
//
// The lock of a holder that died is had by the next at most 2 seconds after the lease. That does not count the time in which
// a cluster chooses a new leader, which took it up to 12 seconds in our tests: no lock changes hands then, and leases that are shorter
// are lost.
//
// # Files
//
//   - Spaces and engines: open.go, engine.go, lockdir_*.go, names.go, title.go.
//   - The primitives: mutex.go, semaphore.go, event.go, barrier.go, waitgroup.go, queue.go, letters.go.
//   - What they share (documents, permits, leases, errors): update.go, pool.go, grant.go, errors.go.
//   - News and traces: told.go, watch.go, trace.go.
package dist
