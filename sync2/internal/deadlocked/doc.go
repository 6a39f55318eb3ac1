// Package deadlocked checks the mutexes inside the primitives with go-deadlock, in builds with the tag deadlock. In other
// builds it is empty.
//
// It is imported, for its effect, by package synctesting and by tests. Package sync2 does not import it, with any tag: go
// mod tidy looks at the files of all tags, and would add go-deadlock to the go.mod of every module that imports sync2.
package deadlocked
