//go:build !linux

package tell

import (
	"context"
	"io"

	"github.com/turnstile-go/turnstile/internal/feed"
)

// A Directory has files for programs to report to. It is a feed.Source of their traces, one after another.
type Directory struct{}

// New returns an error, since watching is not supported on this platform.
func New() (*Directory, error) { return nil, errElsewhere }

// Path is the value of [Variable] for programs to watch.
func (*Directory) Path() string { return "" }

// Close removes the files.
func (*Directory) Close() {}

// End declares that no more programs will come.
func (*Directory) End() {}

// Skip skips the program that Next would return, if there is one.
func (*Directory) Skip() {}

// Claimed waits until a program has come that Next has not returned, and reports whether there is one.
func (*Directory) Claimed(context.Context) (bool, error) { return false, nil }

// Next implements feed.Source.
func (*Directory) Next(context.Context) (feed.Stream, error) { return nil, io.EOF }
