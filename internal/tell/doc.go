// Package tell watches programs that were built with the second kind of private GOROOT of package goroot: their standard
// library writes what goroutines do with channels, locks, timers and the like into memory shared with the watcher.
//
// That memory is a file with a ring of events of fixed size, which outlives the program: events written before it
// exits, crashes or is killed can be read afterwards. The program never waits. Once events do not fit into the ring,
// they are only counted until the whole ring has been read. The other end is ../goroot/files/tell_runtime.go.txt.
//
// # Files
//
//   - The ring of events in shared memory: layout.go, ring_linux.go, ring_other.go.
//   - Events of package trace, made from those in the ring: convert.go, convert_chan.go, convert_names.go,
//     convert_sync.go.
package tell
