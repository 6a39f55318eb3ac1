package dist

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/turnstile-go/turnstile/sync2"
)

// Errors returned by the primitives of a space.
var (
	// ErrBusy is returned by the verbs that never wait if they would have had to.
	ErrBusy = errors.New("dist: busy")
	// ErrLost is matched by the cause of a [Held.Context] whose lease ran out before it was renewed, and returned by
	// an Unlock that comes too late.
	ErrLost = errors.New("dist: the lease was lost")
	// ErrClosed is returned once the space is closed, including by calls that were waiting.
	ErrClosed = errors.New("dist: the space is closed")
	// ErrUncertain is matched by the error of an operation whose outcome is unknown: it was sent, but no answer came.
	ErrUncertain = errors.New("dist: the outcome is not known")
	// ErrMismatch is returned if processes do not agree on what they share, such as the number of a barrier's parties.
	ErrMismatch = errors.New("dist: does not match what is stored")
)

// misuse panics with a UsageError.
func misuse(op, format string, args ...any) { panic(usage(op, format, args...)) }

// usage returns a UsageError. A misuse that depends on what other processes did returns it instead of panicking.
func usage(op, format string, args ...any) *sync2.UsageError {
	return &sync2.UsageError{Op: "dist." + op, Reason: fmt.Sprintf(format, args...)}
}

func checkContext(ctx context.Context, op string) {
	if ctx == nil {
		misuse(op, "the context is nil")
	}
}

// An endedError says that a context ended. It reads as the cause, and matches both that and the context's error.
type endedError struct{ err, cause error }

func (e *endedError) Error() string   { return e.cause.Error() }
func (e *endedError) Unwrap() []error { return []error{e.err, e.cause} }

// ended returns the error of ctx, which has ended.
func ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if err == nil { // Done is closed
		err, cause = context.Canceled, context.Canceled
	}
	if err == cause { //nolint:errorlint // whether there is a cause besides it
		return err
	}
	return &endedError{err, cause}
}

// An answer says what an error from the engine means for the operation.
type answer int

const (
	_ answer = iota
	// answerRefused: another process's write came first. The operation can be retried with the current state.
	answerRefused
	// answerUnreachable: there was no answer, or none that says what happened. The operation can be retried.
	answerUnreachable
	// answerFinal: a retry would not help.
	answerFinal
)

// classify returns what err, which is not nil, means.
func classify(err error) answer {
	var js jetstream.JetStreamError
	if !errors.As(err, &js) || js.APIError() == nil {
		return answerUnreachable
	}
	switch api := js.APIError(); {
	case api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence, api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant:
		return answerRefused
	case api.ErrorCode == codeStoreFailed, api.ErrorCode == codeNoMemory, api.ErrorCode == codeNoStorage:
		return answerFinal
	case api.Code == 503, api.Code == 408, slices.Contains(transient[:], api.ErrorCode):
		return answerUnreachable
	}
	return answerFinal
}

// transient has the errors of a cluster whose nodes come, go, or elect a leader, by their codes in nats-server's errors.json. Errors with
// the code 503 are transient as well.
var transient = [...]jetstream.ErrorCode{
	10005,                      // not enough nodes can be reached
	10007,                      // not assigned to this node
	10009,                      // this node is not the leader
	10041,                      // the group of nodes cannot do it
	10118, 10119, 10194, 10195, // the stream or the consumer is offline
	10158, // the same item was sent before, and it is not decided whether it is stored
	10202, // the nodes of the cluster change
}

// Error codes of the server.
const (
	codeNoMemory    jetstream.ErrorCode = 10023 // a limit is reached
	codeNoStorage   jetstream.ErrorCode = 10047 // the disk is full
	codeStoreFailed jetstream.ErrorCode = 10077 // the message cannot be stored, for instance because a queue is full
)
