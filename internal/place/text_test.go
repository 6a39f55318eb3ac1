package place

import (
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	text := Text(string(debug.Stack()))
	_, file, _, _ := runtime.Caller(0)
	if !filepath.IsAbs(file) {
		t.Skip("the program was built with -trimpath")
	}
	if !strings.Contains(text, "\n\ttext_test.go:") || strings.Contains(text, file) {
		t.Error(text)
	}
	const other = "  \n\tx.go\n\texample.com/x/x.go:12 +0x1c\n/x.go:12: no\n"
	if got := Text(other); got != other {
		t.Errorf("got %q, want %q", got, other)
	}
	if got, want := Text("  Write at 0x1 by goroutine 2:\n      "+file+":17 +0x5\n"), "  Write at 0x1 by goroutine 2:\n      text_test.go:17 +0x5\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
