// Command goker looks for the faults of real programs: those that GOROOT keeps as a test of its goroutine leak profile.
//
//	go run ./goker                  everything; "make goker" does that
//	go run ./goker -run Moby        the programs whose name matches the regular expression
//	go run ./goker -natural 0       without the other tools
//
// The programs are 63 small ones, in 64 files, each with a fault of a well-known project that leaves goroutines waiting
// for ever. They are read from the GOROOT of the go command, and are not in this repository. They are in one package
// there, and also here, in a temporary module: as they are, beside a test for each that calls it as their main function does.
// The test makes an empty profile of the name that each of them writes at its end, for it is there only in an experiment.
// Where they should wait is in places.txt.
//
// Most of the programs start many copies of what may fail, for the sake of those who look at one run. The first columns
// are of the programs as they are; those of "one copy" start one, so that what counts is the order.
//
// # Files
//
//   - Running and its table: main.go, table.go.
//   - The programs, and how they are built: module.go, places.go, fixes.go, natural.go.
package main
