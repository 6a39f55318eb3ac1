//go:build turnstile_goroot

package explore

import (
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/bridge"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

func init() {
	c, err := anytest.FromEnvironment()
	if c == nil || err != nil || !bridge.Install() {
		return
	}
	testing.TurnstileRun = func(t *testing.T, fn func(*testing.T)) bool {
		if hook.Explored() != nil {
			return false
		}
		r := Explore(t.Name(), func(e *E) {
			t := testing.TurnstileNew(t)
			testing.TurnstileBody(t, fn)
			if failed, _, out := testing.TurnstileState(t); failed {
				e.Fail("%s", strings.TrimSpace(string(out)))
			}
		})
		t.Logf("explore: %s; %d runs, %d steps", r, r.Runs, r.Steps)
		if r.Failure != nil {
			t.Fatalf("explore: %s(%s)\n", r.Failure.Report(), r)
		}
		return true
	}
}
