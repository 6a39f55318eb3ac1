package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/turnstile-go/turnstile/internal/safetext"
)

// bar shows in a line of the terminal, which it writes over, how much is done of all. The line ends where the terminal
// does: of one that goes on in the next line only the end could be written over.
func (p *program) bar(done, all int, text string) {
	const width = 20
	full := min(width, width*done/max(all, 1))
	line := fmt.Sprintf("[%s%s] %s", strings.Repeat("#", full), strings.Repeat(".", width-full), safetext.Line(text))
	if n := p.columns(); n > 0 {
		line = ansi.Truncate(line, n-1, "")
	}
	_, _ = fmt.Fprint(p.errs, "\r\x1b[K"+line)
}

// clearBar takes the bar away.
func (p *program) clearBar() {
	if p.terminal {
		_, _ = fmt.Fprint(p.errs, "\r\x1b[K")
	}
}

// A slowBar is a bar for what may take long: it is not seen before that has taken longer than people wait without asking.
type slowBar struct {
	p     *program
	what  string
	mu    sync.Mutex
	shown time.Time // when it was last, at first when it began
	seen  bool
	over  bool
}

// slowly returns a bar for what is done.
func (p *program) slowly(what string) *slowBar {
	return &slowBar{p: p, what: what, shown: time.Now().Add(200 * time.Millisecond)}
}

// tell shows how many bytes of all are done; if all is 0 it is not known how many there will be.
func (b *slowBar) tell(done, all int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over || !b.p.terminal || time.Since(b.shown) < 100*time.Millisecond {
		return
	}
	b.shown, b.seen = time.Now(), true
	if all > 0 {
		b.p.bar(int(done>>10), int(all>>10), fmt.Sprintf("%s: %d %%; Ctrl-C stops that", b.what, 100*done/all))
		return
	}
	b.p.bar(0, 0, fmt.Sprintf("%s: %d kB; Ctrl-C stops that", b.what, done>>10))
}

// end takes the bar away.
func (b *slowBar) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over = true; b.seen {
		b.p.clearBar()
	}
}
