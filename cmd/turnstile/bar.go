package main

import (
	"fmt"
	"strings"

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
