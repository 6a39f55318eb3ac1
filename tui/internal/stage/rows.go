package stage

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// If there is no room for panels, the objects are rows: a name, a state in a word or two, and the goroutines. Each object keeps its
// row. If there are more objects than lines, the objects without goroutines share the last line.

// A group is the goroutines in a row that are at an object for the same reason.
type group struct {
	sign  string     // the reason
	look  scene.Look // the look of most of them
	seats []seat
	each  bool // each has a sign, even if it equals the previous one
	empty int  // the number of free places after them
}

// The signs of groups.
const (
	signInside  = "▣"
	signQueue   = "◂"
	signGiving  = "▸"
	signThrough = "→"
)

const (
	minRowW  = 60 // the minimum width of a row beside others
	maxRowH  = 3  // the maximum height
	leastN   = 6  // the minimum width of a name
	mostN    = 20 // the maximum width of a name
	mostRowN = 32 // the same if the row is as wide as the stage
)

// rows gives each object a row within r. The one in focus gets a panel, and the others are below it.
func (st *stage) rows(r cells.Rect, objects []*timeline.Object) {
	if i := slices.IndexFunc(objects, func(o *timeline.Object) bool { return o.ID == st.sc.Focus.Obj }); i >= 0 {
		st.opened(r, objects[i], slices.Delete(slices.Clone(objects), i, i+1))
		return
	}
	cols := cells.Clamp((len(objects)+r.H-1)/r.H, 1, max(1, r.W/minRowW))
	per := (len(objects) + cols - 1) / cols
	shown := objects
	if per > r.H {
		per = max(1, r.H-1)
		var rest []*timeline.Object
		shown, rest = st.busiest(objects, cols*per)
		st.flow(r.Lines(per, r.H-per), rest)
		r.H = per
	}
	h := cells.Clamp(r.H/per, 1, maxRowH)
	w := r.W / cols
	nameW, stateW := st.rowWidths(shown, w)
	for i, o := range shown {
		if o != nil {
			st.row(cells.Area(r.X+i/per*w, r.Y+i%per*h, w, h), o, nameW, stateW)
		}
	}
}

// opened places o in a panel, and below it others, each in a row if there is room.
func (st *stage) opened(r cells.Rect, o *timeline.Object, others []*timeline.Object) {
	below := len(others)
	if r.H-below < MinPanelH {
		below = max(1, min(3, r.H-MinPanelH))
	}
	st.panel(r.Lines(0, r.H-below), o)
	r = r.Lines(r.H-below, below)
	if below < len(others) {
		st.flow(r, others)
		return
	}
	nameW, stateW := st.rowWidths(others, r.W)
	for i, o := range others {
		st.row(r.Row(i), o, nameW, stateW)
	}
}

// busiest chooses the objects that get one of the n rows, of which there are too few, and returns the others as rest. A row
// may stay empty: the row of an object depends on other objects only if they compete for it. An idle object gets only its own row,
// and only if no other object wants that.
func (st *stage) busiest(objects []*timeline.Object, n int) (shown, rest []*timeline.Object) {
	shown = make([]*timeline.Object, n)
	for i, o := range objects {
		at := -1
		if o.ID == st.cursor || !st.panelOf(o).idle() {
			for k := 0; k < n && at < 0; k++ {
				if shown[(i+k)%n] == nil {
					at = (i + k) % n
				}
			}
		}
		if at >= 0 {
			shown[at] = o
		}
	}
	for i, o := range objects {
		switch {
		case slices.Contains(shown, o):
		case shown[i%n] == nil:
			shown[i%n] = o
		default:
			rest = append(rest, o)
		}
	}
	return shown, rest
}

// rowWidths returns the widths of the names and states of objs in rows of w cells.
func (st *stage) rowWidths(objs []*timeline.Object, w int) (name, state int) {
	for _, o := range objs {
		if o != nil {
			name = max(name, cells.Width(st.sc.NameOf(o)))
			if text, _, groups := st.panelOf(o).row(); groups != nil {
				state = max(state, cells.Width(text))
			}
		}
	}
	return min(name, mostRowN, w/3), min(state, w/3)
}

// row places o in a row, with its sentence below if there is room.
func (st *stage) row(r cells.Rect, o *timeline.Object, nameW, stateW int) {
	st.Spots = append(st.Spots, Spot{o.ID, r, false})
	p := st.panelOf(o)
	st.Dim(st.sc.DimsObj(o))
	defer st.Dim(false)
	if st.cursor == o.ID {
		st.Tint(r.Row(0), cells.StyleOnSelected)
	}
	x := r.X + 1
	st.say(x, r.Y, cells.Shorten(st.sc.NameOf(o), nameW), st.nameStyle(o))
	x += nameW + 2
	state, style, groups := p.row()
	room := r.X + r.W - 1 - x
	if groups == nil { // all of it fits
		stateW = room
	}
	st.say(x, r.Y, wording.Abridged(state, stateW), style)
	if stateW > 0 {
		stateW += 2
	}
	st.groups(cells.Area(x+stateW, r.Y, room-stateW, 1), o, groups)
	if r.H >= 2 {
		at := r.X + 3 + nameW
		text, style := besideState(p, strings.TrimSpace(state))
		st.caption(cells.Area(at, r.Y+1, r.X+r.W-1-at, 1), text, style)
	}
}

// besideState returns what panel p shows below its state in a row: its sentence without what the row already shows, which is the
// state and the waiters.
func besideState(p panel, state string) (string, cells.Style) {
	text, style := p.sentence()
	if b, ok := p.(interface{ beside() string }); ok {
		text = b.beside()
	}
	first, rest, _ := strings.Cut(text, "; ")
	if digits := numerals.FindAllString(state, -1); len(digits) > 0 && slices.Equal(digits, numerals.FindAllString(first, -1)) {
		text = rest
	}
	if text = strings.TrimPrefix(text, state+" "); text == "no waiters" {
		text = ""
	}
	return text, style
}

// numerals matches numbers.
var numerals = regexp.MustCompile(`[0-9]+`)

// nameStyle returns the style of the name of o in a row.
func (st *stage) nameStyle(o *timeline.Object) cells.Style {
	now := st.sc.State.Object(o.ID)
	switch {
	case now == nil:
		return cells.StyleDim
	case now.Broken:
		return cells.StyleTrouble | cells.StyleBold
	case st.cursor == o.ID:
		return cells.StyleAccent | cells.StyleBold
	default:
		return cells.StyleBright | cells.StyleBold
	}
}

// living returns seats without goroutines that have ended.
func living(seats []seat) []seat {
	return slices.DeleteFunc(seats, func(s seat) bool { return s.look == scene.LookEnded })
}

// padded pads a state to n cells, so that nothing beside it moves.
func padded(state string, n int) string {
	return state + strings.Repeat(" ", max(0, n-cells.Width(state)))
}

// groups places the goroutines at o in one line, with shorter names and then with counts if there are too many.
func (st *stage) groups(r cells.Rect, o *timeline.Object, groups []group) {
	groups = slices.DeleteFunc(groups, func(g group) bool { return len(g.seats)+g.empty == 0 })
	shown := make([]int, len(groups))
	for i := range groups {
		shown[i] = min(len(groups[i].seats), r.W)
	}
	nameW := mostN
	for nameW > leastN && st.groupsWidth(groups, shown, nameW) > r.W {
		nameW--
	}
	for st.groupsWidth(groups, shown, nameW) > r.W {
		most := 0
		for i := range shown {
			if shown[i] > shown[most] {
				most = i
			}
		}
		if len(shown) == 0 || shown[most] == 0 {
			break
		}
		shown[most]--
	}
	x := r.X
	for i := range groups {
		x = st.group(x, r, o, &groups[i], shown[i], nameW) + 2
	}
}

// groupsWidth returns the width of groups if the given number of each is shown, with names of at most nameW cells.
func (st *stage) groupsWidth(groups []group, shown []int, nameW int) int {
	w := 0
	for i := range groups {
		g := &groups[i]
		w += 2
		if g.sign != "" {
			w += cells.Width(g.sign) + 1
		}
		for j, s := range g.seats[:shown[i]] {
			w += st.bareWidth(s, nameW) + 1
			if g.signed(j) {
				w += 2
			}
		}
		if more := len(g.seats) - shown[i]; more > 0 {
			w += 2 + len(strconv.Itoa(more))
		}
		w += cells.Width(vacant(g.empty)) + 1
	}
	return w - 2
}

// bareWidth returns the width of s without its sign.
func (st *stage) bareWidth(s seat, nameW int) int {
	if s.g == 0 {
		return 1
	}
	return min(cells.Width(st.sc.Name(s.g)), nameW) + badgeWidth(s.badge)
}

// signed reports whether seat j of g has a sign. Goroutines that are inside or through have none.
func (g *group) signed(j int) bool {
	s := g.seats[j]
	switch {
	case s.g == 0:
		return false
	case g.each:
		return true
	case j > 0:
		return s.look != g.seats[j-1].look
	}
	return s.look != g.look || g.look == scene.LookWaiting
}

// vacant returns the signs of n free places.
func vacant(n int) string {
	const most = 4
	switch {
	case n <= 0:
		return ""
	case n > most:
		return cells.PermitUsed + "×" + strconv.Itoa(n)
	}
	return strings.TrimSuffix(strings.Repeat(cells.PermitUsed+" ", n), " ")
}

// group places the first n of g at column x, and returns the column after them.
func (st *stage) group(x int, r cells.Rect, o *timeline.Object, g *group, n, nameW int) int {
	if g.sign != "" {
		_, style := scene.GlyphOf(g.look)
		st.say(x, r.Y, g.sign, style)
		x += cells.Width(g.sign) + 1
	}
	for j, s := range g.seats[:n] {
		w := st.bareWidth(s, nameW)
		if s.g == 0 {
			st.say(x, r.Y, cells.PermitUsed, cells.StyleLine)
		} else {
			t := Token{G: s.g, Obj: o.ID, X: x, Y: r.Y, H: 1, Look: s.look, Name: st.sc.Name(s.g), badge: s.badge, bare: !g.signed(j)}
			if !t.bare {
				w += 2
			}
			t.W = w
			st.add(t)
		}
		x += w + 1
	}
	if more := g.seats[n:]; len(more) > 0 {
		for _, s := range more {
			st.placed(s.g)
		}
		_, style := scene.GlyphOf(more[0].look)
		text := "+" + strconv.Itoa(len(more))
		st.say(x, r.Y, text, style)
		x += len(text) + 1
	}
	if g.empty > 0 {
		st.say(x, r.Y, vacant(g.empty), cells.StyleLine)
		x += cells.Width(vacant(g.empty)) + 1
	}
	return x - 1
}

// flow places objs in lines, one after the other: those with goroutines first, with the number of these.
func (st *stage) flow(r cells.Rect, objs []*timeline.Object) {
	objs = slices.Clone(objs)
	slices.SortStableFunc(objs, func(a, b *timeline.Object) int {
		switch i, j := st.panelOf(a).idle(), st.panelOf(b).idle(); {
		case i == j:
			return 0
		case j:
			return -1
		default:
			return 1
		}
	})
	x, y := r.X+1, r.Y
	for i, o := range objs {
		text, style := st.inFlow(o)
		more := "+" + strconv.Itoa(len(objs)-i)
		room := r.X + r.W - 1 - x
		if last := y == r.Y+r.H-1; last && i < len(objs)-1 {
			room -= len(more) + len(" more") + 3
		}
		if cells.Width(text) > room && y < r.Y+r.H-1 {
			x, y = r.X+1, y+1
			room = r.W - 2
		}
		if cells.Width(text) > room {
			st.say(x, y, more+" more", cells.StyleDim)
			return
		}
		st.Dim(st.sc.DimsObj(o))
		st.say(x, y, text, style)
		st.Dim(false)
		st.Asides = append(st.Asides, Spot{o.ID, cells.Area(x, y, cells.Width(text), 1), false})
		x += cells.Width(text) + 3
	}
}

// inFlow returns what is shown of o among others in a line.
func (st *stage) inFlow(o *timeline.Object) (string, cells.Style) {
	name := cells.Shorten(st.sc.NameOf(o), mostN)
	p := st.panelOf(o)
	if st.sc.State.Object(o.ID) == nil {
		return name, cells.StyleDim
	}
	text, _, groups := p.row()
	if text = strings.TrimSpace(text); text != "" {
		name += " " + text
	}
	for _, g := range groups {
		if g.sign == signThrough { // by now they can be anywhere
			continue
		}
		for _, s := range g.seats {
			st.placed(s.g)
		}
		switch n := len(g.seats); n {
		case 0:
		case 1:
			name += " " + g.sign + " " + st.sc.Name(g.seats[0].g)
		default:
			name += " " + g.sign + " " + strconv.Itoa(n)
		}
	}
	if p.idle() {
		return name, cells.StyleDim
	}
	return name, cells.StylePlain
}
