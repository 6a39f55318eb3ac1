//go:build !linux

package tell

import (
	"context"
	"io"

	"github.com/turnstile-go/turnstile/internal/feed"
)

// A Directory has files for programs that tell. It is a feed.Source of what they do, one after another.
type Directory struct{}

// New returns an error, since it cannot be done here.
func New() (*Directory, error) { return nil, errElsewhere }

// Path is the value of [Variable] for programs to watch.
func (*Directory) Path() string { return "" }

// Close gives all back.
func (*Directory) Close() {}

// End says that no more programs will come but those that have.
func (*Directory) End() {}

// Skip leaves out the program that Next would tell of, if it has come.
func (*Directory) Skip() {}

// Claimed waits until a program has come of which Next has not told, and reports whether there is one.
func (*Directory) Claimed(context.Context) (bool, error) { return false, nil }

// Next implements feed.Source.
func (*Directory) Next(context.Context) (feed.Stream, error) { return nil, io.EOF }
