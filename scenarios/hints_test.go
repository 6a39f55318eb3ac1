package scenarios_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/scenarios"
)

// Each bug has three hints and a twin that mends it; what is clean has nothing to hint at.
func TestHints(t *testing.T) {
	sentence := regexp.MustCompile(`^[A-Za-z].*[.!?]$`)
	for _, s := range scenarios.All() {
		if s.Expect == scenarios.ExpectClean {
			if len(s.Hints) > 0 || s.Locks {
				t.Errorf("%s is clean: %d hints, locks: %t", s.Name, len(s.Hints), s.Locks)
			}
			continue
		}
		if len(s.Hints) != 3 {
			t.Errorf("%s has %d hints, want 3", s.Name, len(s.Hints))
		}
		for i, h := range s.Hints {
			if len(h) < 40 || len(h) > 320 || !sentence.MatchString(h) || strings.Contains(h, "\n") {
				t.Errorf("%s: hint %d should be a few sentences on one line: %q", s.Name, i+1, h)
			}
		}
		if twin, err := scenarios.Find(s.Twin); err != nil || twin.Expect != scenarios.ExpectClean {
			t.Errorf("%s: the twin %q should be clean: %v", s.Name, s.Twin, err)
		}
	}
}
