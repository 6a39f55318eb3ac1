// Package dist has the verbs of package sync2 for processes on any number of hosts: locks with leases and fencing tokens,
// semaphores, events, barriers, wait groups and work queues. It is a module of its own, so that importers of sync2 see
// nothing of what it stands on: NATS with JetStream.
package dist
