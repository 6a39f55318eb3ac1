package sync2

import (
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// traceable is implemented by every primitive: it has an identity in traces.
type traceable interface{ traced() *trace.Object }

// owner is implemented by every primitive in which goroutines wait.
type owner interface {
	traceable
	String() string
}

func init() {
	hook.ObjectOf = func(v any) any {
		if t, ok := v.(traceable); ok {
			return t.traced()
		}
		return nil
	}
	hook.Declare = declare
	hook.Goroutine = goroutineName
}
