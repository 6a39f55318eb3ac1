// Package lessons builds, runs and drives the lessons of ordinary Go. They are tests, built and explored like those of any
// package, in a temporary directory.
//
// # Files
//
//   - Where lessons are built: workshop.go.
//   - Running one: run.go.
//   - Driving one: driver.go.
package lessons
