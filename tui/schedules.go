package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A Step is an operation of a schedule.
type Step struct {
	Who   string // the goroutine
	What  string // such as "Lock fork-1"
	Where string // such as "main.go:21"; may be ""
	Note  string // such as "waits"; may be ""
}

// A node is a moment in the tree of the schedules tried: the step that led to it, and the moments that followed.
type node struct {
	choice int
	step   Step
	next   []*node
	end    string // how the run ended there; "" if it did not
	failed bool
}

// grow adds the schedule of m to the tree.
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
		at.end = "it ends without a failure"
		if at.failed = m.Err != nil; at.failed {
			at.end, _, _ = strings.Cut(m.Err.Error(), "\n")
		}
	}
}

// steps returns the steps of a schedule, as far as they are known.
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

// A branch is a line of the tree on the screen.
type branch struct {
	n     *node
	made  []int
	depth int // the number of forks that lead to it
	fork  bool
}

// branches returns the lines of the tree: the first schedule tried goes straight down, and each alternative is below it, further
// to the right.
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

// A driveView is what covers the stage while the user drives.
type driveView uint8

const (
	viewNone  driveView = iota
	viewTree            // the schedules tried
	viewSteps           // the table of steps
	viewSide            // the failing schedule beside the shortest known one
)

// A viewLine is a line of a view, on the screen.
type viewLine struct {
	r cells.Rect
	i int
}

// pressView handles a key while something covers the stage, and reports whether it did.
func (m *model) pressView(k tea.KeyPressMsg) (tea.Cmd, bool) {
	w, b := m.player.driven, &bindings
	switch {
	case key.Matches(k, b.escape), w.view == viewTree && key.Matches(k, b.schedules), w.view == viewSteps && key.Matches(k, b.steps), w.view == viewSide && key.Matches(k, b.compare):
		if w.view = viewNone; w.stopSeek != nil {
			w.stopSeek()
		}
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
	case key.Matches(k, b.enter) && w.view == viewTree:
		lines := w.tree.branches()
		w.view = viewNone
		return m.goTo(lines[cells.Clamp(w.at, 0, len(lines)-1)].made, nil), true
	case key.Matches(k, b.enter) && w.view == viewSteps:
		all := w.all()
		at := cells.Clamp(w.at, 0, len(all))
		w.view = viewNone
		return m.goTo(all[:at], all[at:]), true
	case key.Matches(k, b.enter):
		w.view = viewNone
	default:
		return nil, false
	}
	return nil, true
}

// all returns the choices made, followed by those undone.
func (w *driveState) all() []int { return append(slices.Clone(w.now.Made), w.undone...) }

// clickView handles a click while something covers the stage: a click on the line under the cursor goes there.
func (m *model) clickView(x, y int) tea.Cmd {
	w := m.player.driven
	i := slices.IndexFunc(w.lines, func(l viewLine) bool { return l.r.Has(x, y) })
	switch {
	case i < 0 || w.stop != nil:
		return nil
	case w.lines[i].i == w.at:
		cmd, _ := m.pressView(tea.KeyPressMsg{Code: tea.KeyEnter})
		return cmd
	}
	w.at = w.lines[i].i
	return nil
}

// openTree shows the schedules tried, with the cursor at the present moment.
func (w *driveState) openTree() {
	w.view = viewTree
	w.at = max(0, slices.IndexFunc(w.tree.branches(), func(b branch) bool { return slices.Equal(b.made, w.now.Made) }))
}

// openSide shows the failing schedule beside the shortest one, which it searches for if that is not known.
func (m *model) openSide() tea.Cmd {
	w := m.player.driven
	w.view, w.at = viewSide, 0
	if w.shortest != nil || w.seeking || m.cfg.Shortest == nil || m.entry(m.player.name) == nil {
		return nil
	}
	ctx, stop := context.WithCancel(m.ctx)
	w.seeking, w.stopSeek, w.sought = true, stop, newSearch()
	id, shortest, name, params, tried := m.id, m.cfg.Shortest, m.player.name, m.player.params, w.sought
	hold := m.io
	return func() tea.Msg {
		defer stop()
		pb, err := hold.alone(func() (*Playback, error) { return shortest(ctx, name, params, tried.note) })
		return shortestMsg{id, pb, err}
	}
}

// A shortestMsg has the shortest failing schedule, for player number id.
type shortestMsg struct {
	id  int
	pb  *Playback
	err error
}

// measured stores the shortest schedule.
func (m *model) measured(msg shortestMsg) tea.Cmd {
	if msg.id != m.id || m.player == nil || m.player.driven == nil {
		return nil
	}
	w := m.player.driven
	w.seeking, w.shortest = false, msg.pb
	switch {
	case errors.Is(msg.err, context.Canceled) && w.view == viewSide: // the user has asked for it again
		return m.openSide()
	case errors.Is(msg.err, context.Canceled):
	case msg.err != nil:
		w.sideNote, _, _ = strings.Cut(msg.err.Error(), "\n")
	}
	return nil
}

// drawTree draws the schedules tried.
func (w *driveState) drawTree(c *cells.Canvas, r cells.Rect) {
	lines := w.tree.branches()
	ends := 0
	for _, b := range lines {
		if b.n.end != "" {
			ends++
		}
	}
	came := wording.Number(ends)
	if ends == 0 {
		came = "none"
	}
	in := w.box(c, r, fmt.Sprintf(" the schedules tried so far: %s ended ", came), "enter goes there")
	w.at = cells.Clamp(w.at, 0, len(lines)-1)
	in = w.drawEnd(c, in, lines[w.at].n)
	from := cells.Clamp(w.at-in.H/2, 0, max(0, len(lines)-in.H))
	w.more(c, r, from, in.H, len(lines))
	whoW := 0
	for i := range lines {
		whoW = max(whoW, cells.Width(cells.Clean(lines[i].n.step.Who)))
	}
	whoW = min(whoW, longName, in.W/4)
	for i, b := range lines[from:min(len(lines), from+in.H)] {
		row := in.Row(i)
		if from+i == w.at {
			c.Tint(row, cells.StyleOnSelected)
		}
		w.lines = append(w.lines, viewLine{row, from + i})
		here := w.now != nil && slices.Equal(b.made, w.now.Made)
		x := row.X
		if here {
			c.Text(x, row.Y, "▸", cells.StyleAccent|cells.StyleBold)
		}
		c.Right(x+6, row.Y, strconv.Itoa(len(b.made)), cells.StyleDim)
		x += 8 + min(2*b.depth, row.W/3)
		if b.fork {
			c.Text(x-2, row.Y, "└ ", cells.StyleLine)
		}
		st := cells.StylePlain
		if here {
			st = cells.StyleBright | cells.StyleBold
		}
		if len(b.made) == 0 {
			x = c.Text(x, row.Y, "the beginning", st)
		} else {
			c.Fit(x, row.Y, whoW, cells.Clean(b.n.step.Who), st)
			x += whoW + 2
			x = c.Text(x, row.Y, cells.Truncate(cells.Clean(b.n.step.What), row.X+row.W-x), st)
		}
		if b.n.end != "" {
			glyph, st := cells.GlyphEnded+" ", cells.StyleEnded
			if b.n.failed {
				glyph, st = cells.GlyphTrouble+" ", cells.StyleTrouble
			}
			c.Text(x+2, row.Y, cells.Truncate(glyph+cells.Clean(b.n.end), row.X+row.W-x-2), st)
		}
	}
}

// more shows at the bottom of r which lines are visible, if they do not all fit.
func (w *driveState) more(c *cells.Canvas, r cells.Rect, from, room, all int) {
	if all > room {
		c.Text(r.X+2, r.Y+r.H-1, fmt.Sprintf(" %d–%d of %d ", from+1, min(all, from+room), all), cells.StyleDim)
	}
}

// drawEnd draws at the bottom of r how the run failed at n, if it did, and returns the rest of r.
func (w *driveState) drawEnd(c *cells.Canvas, r cells.Rect, n *node) cells.Rect {
	lines := cells.Wrap(cells.Clean(n.end), r.W)
	if !n.failed || len(lines)+8 > r.H {
		return r
	}
	for i, l := range lines {
		c.Text(r.X, r.Y+r.H-len(lines)+i, l, cells.StyleTrouble)
	}
	r.H -= len(lines) + 1
	return r
}

// box clears r, draws a frame around it, and returns the inside. The bottom of the frame explains enter and the key that closes.
func (w *driveState) box(c *cells.Canvas, r cells.Rect, title, enter string) cells.Rect {
	c.Clear(r)
	c.Frame(r, cells.Round, cells.StyleAccent)
	c.Text(r.X+2, r.Y, cells.Truncate(title, r.W-4), cells.StyleAccent|cells.StyleBold)
	w.buttons = w.buttons[:0]
	x, y := r.X+r.W-2, r.Y+r.H-1
	foot := func(s, key string) {
		c.Right(x, y, s, cells.StyleDim)
		x -= cells.Width(s)
		w.buttons = append(w.buttons, button{cells.Area(x, y, cells.Width(s), 1), key})
	}
	foot(" "+keyNow("esc", realmPlayer)+" closes ", keyNow("esc", realmPlayer))
	if enter != "" {
		x--
		foot(" "+keyNow("enter", realmPlayer)+strings.TrimPrefix(enter, "enter")+" ", keyNow("enter", realmPlayer))
	}
	in := r.Inset()
	return cells.Area(in.X+1, in.Y, in.W-2, in.H)
}

// drawView draws what covers the stage.
func (w *driveState) drawView(c *cells.Canvas, r cells.Rect, p *player) {
	w.lines = w.lines[:0]
	switch w.view {
	case viewTree:
		w.drawTree(c, r)
	case viewSteps:
		w.drawAll(c, r)
	case viewSide, viewNone:
		w.drawSide(c, r, p)
	}
}

// scroll moves the cursor of the view.
func (w *driveState) scroll(down bool) {
	if down {
		w.at++
	} else {
		w.at = max(0, w.at-1)
	}
}
