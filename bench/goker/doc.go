// Command goker looks for the faults of real programs: those that GOROOT keeps as a test of its goroutine leak profile.
//
//	go run ./goker                  everything; "make goker" does that
//	go run ./goker -run Moby        the programs whose name matches the regular expression
//	go run ./goker -natural 0       without the other tools
//
// There are 63 small programs, in 64 files, each with a fault of a well-known project that leaves goroutines waiting forever.
// They are read from the GOROOT of the go command, and are not in this repository. They are in one package there, and also
// here, in a temporary module: unchanged, next to a test for each that calls it as their main function does. The test makes
// an empty profile with the name that each of them writes at its end, since that exists only in an experiment. The file
// places.txt says where they should wait.
//
// Most of the programs start many copies of the faulty code, to make the fault likely in a single run. The first
// columns are for the unchanged programs; those of "one copy" start a single copy, so that only the schedule counts.
//
// # Files
//
//   - Running and its table: main.go, table.go.
//   - The programs, and how they are built: module.go, places.go, fixes.go, natural.go.
package main
