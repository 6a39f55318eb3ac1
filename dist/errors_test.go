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

// What a cluster says while its nodes come and go, or choose a leader, is tried again, and a refusal is not.
func TestClassify(t *testing.T) {
	api := func(code int, errorCode jetstream.ErrorCode) error {
		return fmt.Errorf("wrapped: %w", &jetstream.APIError{Code: code, ErrorCode: errorCode})
	}
	for _, c := range []struct {
		err  error
		want answer
	}{
		{context.DeadlineExceeded, unreachable},
		{nats.ErrNoResponders, unreachable},
		{errors.New("broken pipe"), unreachable},
		{api(503, 10008), unreachable},
		{api(503, 10163), unreachable},
		{api(400, 10005), unreachable},
		{api(500, 10009), unreachable},
		{api(500, 10118), unreachable},
		{api(409, 10158), unreachable},
		{api(400, jetstream.JSErrCodeStreamWrongLastSequence), refused},
		{api(503, codeNoMemory), final},
		{api(500, codeNoStorage), final},
		{api(500, codeStoreFailed), final},
		{api(404, jetstream.JSErrCodeStreamNotFound), final},
	} {
		if got := classify(c.err); got != c.want {
			t.Errorf("%v is %d, not %d", c.err, got, c.want)
		}
	}
}

// A long request that is not answered tells of a dumb engine only if no other was answered meanwhile.
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
