//go:build !cgo || !unix

package console

// outputWasClosed would report whether the standard output was closed when the program began, which cannot be told here.
func outputWasClosed() bool { return false }
