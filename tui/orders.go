package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A Step is an operation of an order.
type Step struct {
	Who   string // the goroutine
	What  string // such as "Lock fork-1"
	Where string // such as "main.go:21"; may be ""
	Note  string // such as "waits"; may be ""
}

// A node is a moment in the tree of the orders that were tried: what led to it from the one before, and what was tried next.
type node struct {
	choice int
	step   Step
	next   []*node
	end    string // how the run ended there, "" if it did not
	failed bool
}

// grow notes the order of m in the tree.
func (n *node) grow(m *Moment) {
	at := n
	for i, c := range m.Made {
		j := slices.IndexFunc(at.next, func(k *node) bool { return k.choice == c })
		if j < 0 {
			j = len(at.next)
			at.next = append(at.next, &node{choice: c})
		}
		at = at.next[j]
		if i < len(m.Steps) {
			at.step = m.Steps[i]
		}
	}
	if len(m.Choices) == 0 {
		at.end = "it ends, and nothing failed"
		if at.failed = m.Err != nil; at.failed {
			at.end, _, _ = strings.Cut(m.Err.Error(), "\n")
		}
	}
}

// steps returns the steps of an order, as far as they are known.
func (n *node) steps(made []int) []Step {
	var steps []Step
	for _, c := range made {
		j := slices.IndexFunc(n.next, func(k *node) bool { return k.choice == c })
		if j < 0 {
			break
		}
		n = n.next[j]
		steps = append(steps, n.step)
	}
	return steps
}

// A branch is a line of the tree as it is shown.
type branch struct {
	n     *node
	made  []int
	depth int // how often it was forked on the way
	fork  bool
}

// branches returns the lines of the tree: what was tried first goes straight on, and what was tried instead stands below it, one
// further to the right.
func (n *node) branches() []branch {
	lines := []branch{{n: n}}
	var add func(n *node, made []int, depth int)
	add = func(n *node, made []int, depth int) {
		for i, k := range n.next {
			made := append(slices.Clone(made), k.choice)
			d := depth
			if i > 0 {
				d++
			}
			lines = append(lines, branch{k, made, d, i > 0})
			add(k, made, d)
		}
	}
	add(n, nil, 0)
	return lines
}

// A helmView is what covers the stage while the user drives.
type helmView uint8

const (
	noView   helmView = iota
	treeView          // the orders that were tried
	sideView          // the order that failed, beside the shortest that is known
)

// pressView handles a key while something covers the stage, and reports whether it did.
func (m *model) pressView(k tea.KeyPressMsg) (tea.Cmd, bool) {
	w, b := m.player.helm, &bindings
	switch {
	case key.Matches(k, b.escape, b.orders, b.compare):
		w.view = noView
		return nil, true
	case key.Matches(k, b.up):
		w.at--
	case key.Matches(k, b.down):
		w.at++
	case key.Matches(k, b.pageUp):
		w.at -= 10
	case key.Matches(k, b.pageDown):
		w.at += 10
	case key.Matches(k, b.first):
		w.at = 0
	case key.Matches(k, b.last):
		w.at = 1 << 30
	case key.Matches(k, b.enter) && w.view == treeView:
		lines := w.tree.branches()
		w.view = noView
		return m.goTo(lines[clamp(w.at, 0, len(lines)-1)].made, nil), true
	default:
		return nil, false
	}
	return nil, true
}

// openTree shows the orders that were tried, at the present moment.
func (w *helm) openTree() {
	w.view = treeView
	w.at = max(0, slices.IndexFunc(w.tree.branches(), func(b branch) bool { return slices.Equal(b.made, w.now.Made) }))
}

// openSide shows the order that failed beside the shortest, which is looked for if it is not known yet.
func (m *model) openSide() tea.Cmd {
	w := m.player.helm
	w.view, w.at = sideView, 0
	if w.shortest != nil || w.seeking || m.cfg.Order == nil || m.entry(m.player.name) == nil {
		return nil
	}
	w.seeking = true
	id, order, name, ctx := m.id, m.cfg.Order, m.player.name, m.ctx
	hold := m.io
	return func() tea.Msg {
		pb, err := hold.alone(func() (*Playback, error) { return order(ctx, name) })
		return shortestMsg{id, pb, err}
	}
}

// A shortestMsg brings the shortest order that is known, for player number id.
type shortestMsg struct {
	id  int
	pb  *Playback
	err error
}

// measured takes the shortest order.
func (m *model) measured(msg shortestMsg) {
	if msg.id != m.id || m.player == nil || m.player.helm == nil {
		return
	}
	w := m.player.helm
	w.seeking, w.shortest = false, msg.pb
	if msg.err != nil {
		w.sideNote, _, _ = strings.Cut(msg.err.Error(), "\n")
	}
}

// drawTree draws the orders that were tried.
func (w *helm) drawTree(c *cells.Canvas, r cells.Rect) {
	lines := w.tree.branches()
	ends := 0
	for _, b := range lines {
		if b.n.end != "" {
			ends++
		}
	}
	in := w.box(c, r, fmt.Sprintf(" the orders tried so far: %s came to an end ", number(ends)), " enter goes there · esc closes ")
	w.at = clamp(w.at, 0, len(lines)-1)
	from := clamp(w.at-in.H/2, 0, max(0, len(lines)-in.H))
	for i, b := range lines[from:min(len(lines), from+in.H)] {
		row := in.Row(i)
		if from+i == w.at {
			c.Tint(row, cells.OnSelected)
		}
		here := w.now != nil && slices.Equal(b.made, w.now.Made)
		x := row.X
		if here {
			c.Text(x, row.Y, "▸", cells.Accent|cells.Bold)
		}
		c.Right(x+6, row.Y, strconv.Itoa(len(b.made)), cells.Dim)
		x += 8 + min(2*b.depth, row.W/3)
		if b.fork {
			c.Text(x-2, row.Y, "└ ", cells.Line)
		}
		text := "the beginning"
		if len(b.made) > 0 {
			text = b.n.step.Who + "  " + b.n.step.What
		}
		st := cells.Plain
		if here {
			st = cells.Bright | cells.Bold
		}
		x = c.Text(x, row.Y, cells.Truncate(cells.Clean(text), row.X+row.W-x), st)
		if b.n.end != "" {
			glyph, st := cells.GlyphEnded+" ", cells.Ended
			if b.n.failed {
				glyph, st = cells.GlyphTrouble+" ", cells.Trouble
			}
			c.Text(x+2, row.Y, cells.Truncate(glyph+cells.Clean(b.n.end), row.X+row.W-x-2), st)
		}
	}
}

// box clears r and draws a frame around it; it returns what is inside.
func (w *helm) box(c *cells.Canvas, r cells.Rect, title, foot string) cells.Rect {
	c.Clear(r)
	c.Frame(r, cells.Round, cells.Accent)
	c.Text(r.X+2, r.Y, cells.Truncate(title, r.W-4), cells.Accent|cells.Bold)
	c.Right(r.X+r.W-2, r.Y+r.H-1, foot, cells.Dim)
	in := r.Inset()
	return cells.Area(in.X+1, in.Y, in.W-2, in.H)
}

// drawSide draws the order that failed beside the shortest one.
func (w *helm) drawSide(c *cells.Canvas, r cells.Rect) {
	in := w.box(c, r, " your order beside the shortest known ", " ↑↓ scroll · esc closes ")
	half := (in.W - 2) / 2
	yours := w.tree.steps(w.now.Made)
	var theirs []Step
	note := w.sideNote
	switch {
	case w.shortest != nil:
		theirs = w.shortest.Steps
	case w.seeking:
		note = "looking for the shortest order …"
	case note == "":
		note = "no other is known"
	}
	w.at = clamp(w.at, 0, max(0, max(len(yours), len(theirs))-(in.H-1)))
	drawSteps(c, in.Cols(0, half), "yours: "+measure(yours), yours, w.at, -1)
	right := in.Cols(half+2, in.W-half-2)
	if theirs == nil {
		for i, l := range cells.Wrap(cells.Clean(note), right.W) {
			c.Text(right.X, right.Y+i, l, cells.Dim)
		}
		return
	}
	drawSteps(c, right, "the shortest: "+measure(theirs), theirs, w.at, -1)
}

// measure says how long an order is, and how often another goroutine goes on in it.
func measure(steps []Step) string {
	switches := 0
	for i := 1; i < len(steps); i++ {
		if steps[i].Who != steps[i-1].Who {
			switches++
		}
	}
	return fmt.Sprintf("%d steps, %d switches", len(steps), switches)
}

// drawSteps draws a table of steps from step from on, with a title; at is the number of steps that have been made, -1 if that does
// not matter.
func drawSteps(c *cells.Canvas, r cells.Rect, title string, steps []Step, from, at int) {
	body := r
	if title != "" {
		c.Text(r.X, r.Y, cells.Truncate(title, r.W), cells.Bright|cells.Bold)
		body = r.Lines(1, r.H-1)
	}
	whoW := 4
	for i := range steps {
		whoW = max(whoW, cells.Width(cells.Clean(steps[i].Who)))
	}
	whoW = min(whoW, r.W/3)
	for i := 0; i < body.H && from+i < len(steps); i++ {
		s, y := &steps[from+i], body.Y+i
		st, dim := cells.Plain, cells.Dim
		switch {
		case at >= 0 && from+i >= at:
			st = cells.Dim // it is still to come
		case from+i == at-1:
			st = cells.Bright | cells.Bold
			c.Text(body.X, y, "▸", cells.Accent|cells.Bold)
		}
		c.Right(body.X+5, y, strconv.Itoa(from+i+1), dim)
		c.Fit(body.X+6, y, whoW, cells.Clean(s.Who), st)
		x := body.X + 8 + whoW
		end := body.X + body.W
		x = c.Text(x, y, cells.Truncate(cells.Clean(s.What), end-x), st)
		more := strings.TrimSpace(s.Note + " " + s.Where[strings.LastIndexByte(s.Where, '/')+1:])
		if more != "" && x+4 < end {
			c.Text(x+2, y, cells.Truncate(cells.Clean(more), end-x-2), dim)
		}
	}
}

// drawTable draws the steps that were made and those that were taken back, in place of the events.
func (w *helm) drawTable(c *cells.Canvas, r cells.Rect) {
	steps := w.tree.steps(append(slices.Clone(w.now.Made), w.undone...))
	n := len(w.now.Made)
	heading(c, r, "steps", fmt.Sprintf("%d of %d", n, len(steps)), false)
	room := r.H - 1
	drawSteps(c, r.Lines(1, r.H-1), "", steps, clamp(n-room/2-1, 0, max(0, len(steps)-room)), n)
}

// drawView draws what covers the stage.
func (w *helm) drawView(c *cells.Canvas, r cells.Rect) {
	if w.view == treeView {
		w.drawTree(c, r)
		return
	}
	w.drawSide(c, r)
}
