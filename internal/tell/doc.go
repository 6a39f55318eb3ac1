// Package tell watches programs that were built with a private GOROOT of package goroot's other kind: their standard library
// writes what goroutines do with channels, locks, timers and the like into memory that it shares with the watcher.
//
// That memory is a file with a ring of events of fixed size, which outlasts the program: what was written before it exits, crashes
// or is killed can be read after that. The program never waits. What finds no place in the ring is counted, until all that is in
// it has been read. The other end is in ../goroot/files/tell_runtime.go.txt.
//
// # Files
//
//   - The ring of events in shared memory: layout.go, ring_linux.go, ring_other.go.
//   - Events of package trace, made from those in the ring: convert.go, convert_chan.go, convert_names.go,
//     convert_sync.go.
package tell
