package main

import (
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
)

func TestDiff(t *testing.T) {
	const dir = "../../docs/recordings/"
	r := in{}.do(t, "diff "+dir+"barrier.jsonl "+dir+"barrier-abort.jsonl")
	if r.code != exit.Failed || !strings.Contains(r.out, "the invariant held") || !strings.Contains(r.out, "then the traces differ") || !strings.Contains(r.out, "\na ") || !strings.Contains(r.out, "\nb ") || r.errs != "" {
		t.Errorf("%+v", r)
	}
	r = in{}.do(t, "diff "+dir+"barrier.jsonl "+dir+"barrier.jsonl")
	if r.code != exit.OK || !strings.Contains(r.out, "traces are alike") {
		t.Errorf("%+v", r)
	}
	r = in{}.do(t, "diff --format json "+dir+"barrier.jsonl "+dir+"barrier-abort.jsonl")
	if r.code != exit.Failed || !strings.Contains(r.out, `"differ":true`) {
		t.Errorf("%+v", r)
	}
	r = in{terminal: true}.do(t, "diff "+dir+"barrier.jsonl "+dir+"barrier-abort.jsonl")
	if r.code != exit.OK || r.ui == nil || r.ui.Beside == nil || r.ui.Beside[1].Title != "barrier-abort" {
		t.Errorf("%+v", r)
	}
	for line, code := range map[string]int{"diff": exit.Usage, "diff " + dir + "barrier.jsonl": exit.Usage, "diff none.jsonl none.jsonl": exit.Trouble, "diff a b --format svg": exit.Usage} {
		if r := (in{}).do(t, line); r.code != code || r.errs == "" {
			t.Errorf("%s: %+v", line, r)
		}
	}
}
