package console

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/turnstile-go/turnstile/internal/safetext"
)

// A Bar is a line of the terminal that shows progress.
type Bar struct {
	W        io.Writer
	Terminal bool       // w is a terminal; nothing is shown elsewhere
	Columns  func() int // how wide the terminal is, 0 if that is not known
}

// Draw overwrites the line: done of all is done. It truncates the line at the width of the terminal, because only the
// last row of a wrapped line could be overwritten.
func (b *Bar) Draw(done, all int, text string) {
	const width = 20
	full := min(width, width*done/max(all, 1))
	line := fmt.Sprintf("[%s%s] %s", strings.Repeat("#", full), strings.Repeat(".", width-full), safetext.Line(text))
	if n := b.Columns(); n > 0 {
		line = ansi.Truncate(line, n-1, "")
	}
	_, _ = fmt.Fprint(b.W, "\r\x1b[K"+line)
}

// Clear erases the bar.
func (b *Bar) Clear() {
	if b.Terminal {
		_, _ = fmt.Fprint(b.W, "\r\x1b[K")
	}
}

// A SlowBar is a bar for an operation that may take long. It appears only if the operation does.
type SlowBar struct {
	bar *Bar

	mu    sync.Mutex
	what  string
	shown time.Time // when it was last drawn, at first when it may appear
	seen  bool
	over  bool
}

// Slowly returns a bar for the operation what. End must be called.
func (b *Bar) Slowly(what string) *SlowBar {
	return &SlowBar{bar: b, what: what, shown: time.Now().Add(200 * time.Millisecond)}
}

// Tell shows that done bytes of all are done. If all is 0, the total is unknown.
func (b *SlowBar) Tell(done, all int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over || !b.bar.Terminal || time.Since(b.shown) < 100*time.Millisecond {
		return
	}
	b.shown, b.seen = time.Now(), true
	if all > 0 {
		b.bar.Draw(int(done>>10), int(all>>10), fmt.Sprintf("%s: %d %%; Ctrl-C stops that", b.what, 100*done/all))
		return
	}
	b.bar.Draw(0, 0, fmt.Sprintf("%s: %d kB; Ctrl-C stops that", b.what, done>>10))
}

// End erases the bar.
func (b *SlowBar) End() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over = true; b.seen {
		b.bar.Clear()
	}
}
