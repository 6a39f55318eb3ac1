package dist

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/turnstile-go/turnstile/sync2"
)

// Errors that tell why a lock was not had, or was lost.
var (
	// ErrBusy is returned by the verbs that never wait, where they would have had to wait.
	ErrBusy = errors.New("dist: busy")
	// ErrLost is matched by the cause of a [Held.Context] whose lease ran out before it was renewed, and returned by
	// an Unlock that comes too late.
	ErrLost = errors.New("dist: the lease was lost")
	// ErrClosed is returned when the space is closed, also by those who waited then.
	ErrClosed = errors.New("dist: the space is closed")
	// ErrUncertain is matched by the error of an operation whose outcome is not known: it was sent, and no answer came.
	ErrUncertain = errors.New("dist: the outcome is not known")
	// ErrMismatch is returned where processes do not agree on what they share, such as the number of a barrier's parties.
	ErrMismatch = errors.New("dist: does not match what is stored")
)

// misuse panics with a UsageError.
func misuse(op, format string, args ...any) { panic(usage(op, format, args...)) }

// usage returns a UsageError, of a misuse that depends on what other processes did: there it is returned, not thrown.
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
	if err == cause { //nolint:errorlint // whether there is a cause beside it
		return err
	}
	return &endedError{err, cause}
}

// An answer says what an error of the engine means for the operation.
type answer int

const (
	_ answer = iota
	// answerRefused: the write was not made, since somebody else's was. It can be tried again with what is stored now.
	answerRefused
	// answerUnreachable: no answer, or none that says what happened. It can be tried again.
	answerUnreachable
	// answerFinal: to try again would not help.
	answerFinal
)

// classify says what err, which is not nil, means.
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

// transient are the errors of a cluster whose nodes come, go, or choose a leader, by their codes in nats-server's errors.json. Those with
// the code 503 are as well.
var transient = [...]jetstream.ErrorCode{
	10005,                      // not enough nodes can be reached
	10007,                      // not assigned to this node
	10009,                      // this node is not the leader
	10041,                      // the group of nodes cannot do it
	10118, 10119, 10194, 10195, // the stream or the consumer is offline
	10158, // the same item was sent before, and whether it is stored is not decided
	10202, // the nodes of the cluster change
}

// Error codes of the server.
const (
	codeNoMemory    jetstream.ErrorCode = 10023 // a limit is reached
	codeNoStorage   jetstream.ErrorCode = 10047 // the disk is full
	codeStoreFailed jetstream.ErrorCode = 10077 // what was sent cannot be stored, for instance since a queue is full
)
