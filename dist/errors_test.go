package dist

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Errors of a cluster whose nodes come and go, or elect a leader, are retried, and refusals are not.
func TestClassify(t *testing.T) {
	api := func(code int, errorCode jetstream.ErrorCode) error {
		return fmt.Errorf("wrapped: %w", &jetstream.APIError{Code: code, ErrorCode: errorCode})
	}
	for _, c := range []struct {
		err  error
		want answer
	}{
		{context.DeadlineExceeded, answerUnreachable},
		{nats.ErrNoResponders, answerUnreachable},
		{errors.New("broken pipe"), answerUnreachable},
		{api(503, 10008), answerUnreachable},
		{api(503, 10163), answerUnreachable},
		{api(400, 10005), answerUnreachable},
		{api(500, 10009), answerUnreachable},
		{api(500, 10118), answerUnreachable},
		{api(409, 10158), answerUnreachable},
		{api(400, jetstream.JSErrCodeStreamWrongLastSequence), answerRefused},
		{api(503, codeNoMemory), answerFinal},
		{api(500, codeNoStorage), answerFinal},
		{api(500, codeStoreFailed), answerFinal},
		{api(404, jetstream.JSErrCodeStreamNotFound), answerFinal},
	} {
		if got := classify(c.err); got != c.want {
			t.Errorf("%v is %d, not %d", c.err, got, c.want)
		}
	}
}

// An unanswered long request means that the engine is silent only if no other request was answered meanwhile.
func TestContact(t *testing.T) {
	long := time.Now().Add(-20 * time.Second)
	var c contact
	if !c.heard(long, context.DeadlineExceeded) {
		t.Error("20 s without an answer are not too long")
	}
	c.heard(time.Now(), nil)
	if c.heard(long, context.DeadlineExceeded) {
		t.Error("it is too long though another request was just answered")
	}
	if c.heard(time.Now(), nats.ErrNoResponders) {
		t.Error("a refusal at once is too long")
	}
}
