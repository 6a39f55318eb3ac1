package tui

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// workSlice is the number of events that long work processes between two frames.
const workSlice = 8192

// A finder finds the events whose descriptions match a text. It looks at each event once, in slices, so that the screen stays
// responsive.
type finder struct {
	text string
	re   *regexp.Regexp

	s    timeline.State // the state after the events that it has looked at
	at   int            // the number of events looked at
	hits []int32        // matching events, in ascending order

	way   int  // the direction to go in once the match is known, 1 or -1; 0: there is nothing to wait for
	from  int  // the event from which to search
	shown bool // the status is in the footer
}

// newFinder returns a finder of text, which ignores case unless text has capital letters. After a slash, text is a regular
// expression.
func newFinder(text string) (*finder, error) {
	f := &finder{text: text}
	expr, isRegexp := strings.CutPrefix(text, "/")
	if !isRegexp {
		expr = regexp.QuoteMeta(text)
	}
	if expr == "" {
		return nil, errors.New("enter something to search for")
	}
	if strings.IndexFunc(text, unicode.IsUpper) < 0 {
		expr = "(?i)" + expr
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("invalid regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	f.re = re
	return f, nil
}

// look looks at up to n more events of tl.
func (f *finder) look(tl *timeline.Timeline, n int) {
	if f.at == 0 {
		f.s = *tl.At(0)
	}
	events := tl.Events()
	for end := min(len(events), f.at+n); f.at < end; {
		ev := &events[f.at]
		_ = f.s.Apply(*ev) // an invalid event is searched as it is
		f.at++
		if !f.s.Visible(ev) {
			continue
		}
		who, what := f.s.Words().Event(*ev)
		if f.re.MatchString(who + " " + what) {
			f.hits = append(f.hits, int32(f.at))
		}
	}
}

// target returns the event to go to, or 0 if there is none, and whether that is known yet. The search wraps around.
func (f *finder) target(all int) (n int, known bool) {
	i, found := slices.BinarySearch(f.hits, int32(f.from))
	if f.way > 0 {
		if found {
			i++
		}
		if i < len(f.hits) {
			return int(f.hits[i]), true
		}
	} else if f.at >= min(f.from, all) && i > 0 {
		return int(f.hits[i-1]), true
	}
	if f.at < all {
		return 0, false
	}
	switch {
	case len(f.hits) == 0:
		return 0, true
	case f.way > 0:
		return int(f.hits[0]), true
	}
	return int(f.hits[len(f.hits)-1]), true
}

// status describes the state of the search; n is the event at the playhead, of all.
func (f *finder) status(n, all int) (string, cells.Style) {
	name := "“" + cells.Clean(f.text) + "”"
	switch i, found := slices.BinarySearch(f.hits, int32(n)); {
	case f.at < all && f.way != 0:
		return fmt.Sprintf("looking for %s: %d %% · esc cancels", name, 100*f.at/max(all, 1)), cells.StyleAccent | cells.StyleBold
	case f.at < all:
		return fmt.Sprintf("%s in %s so far", name, wording.Plural(len(f.hits), "event")), cells.StyleAccent | cells.StyleBold
	case len(f.hits) == 0:
		return name + " was not found", cells.StyleWaiting | cells.StyleBold
	case found:
		return fmt.Sprintf("%s: %d of %d", name, i+1, len(f.hits)), cells.StyleAccent | cells.StyleBold
	default:
		return fmt.Sprintf("%s in %s", name, wording.Plural(len(f.hits), "event")), cells.StyleAccent | cells.StyleBold
	}
}

// lookup starts a search for text at the playhead. An empty text repeats the last search.
func (p *player) lookup(text string) error {
	if text != "" || p.finder == nil {
		f, err := newFinder(text)
		if err != nil {
			return err
		}
		p.finder = f
	}
	p.findNext(1)
	return nil
}

// findNext goes to the next match, or to the previous one if way is -1. It reports whether there is a search.
func (p *player) findNext(way int) bool {
	f := p.finder
	if f == nil {
		return false
	}
	f.way, f.from, f.shown = way, p.rec.Clock().Count(p.pos), true
	p.arrive()
	return true
}

// arrive goes to the match, once it is known.
func (p *player) arrive() {
	f := p.finder
	if f.way == 0 {
		return
	}
	n, known := f.target(p.rec.Len())
	if !known {
		return
	}
	f.way = 0
	if n > 0 {
		p.goTo(n)
		p.point(n)
	}
}

// point selects what event n is about: the goroutine, and the object if its name matches.
func (p *player) point(n int) {
	ev := p.rec.Timeline.Event(n - 1)
	s := p.rec.Timeline.At(n)
	if ev.G != 0 {
		p.curG = ev.G
	}
	if ev.Obj != 0 && p.finder.re.MatchString(s.Words().ObjName(ev.Obj)) {
		p.curO = ev.Obj
	}
	if peer := ev.Peer; peer != 0 && (ev.Kind == trace.KindSpawn || ev.Kind == trace.KindUnblock) && !p.finder.re.MatchString(s.Words().GName(ev.G)) && p.finder.re.MatchString(s.Words().GName(peer)) {
		p.curG = peer
	}
}

// goTo moves the playhead to event n and pauses.
func (p *player) goTo(n int) {
	p.playing = false
	p.seek(p.rec.Clock().PosOf(n))
	p.ease, p.easing = 0, true
}

// work does a slice of long work, and reports whether there is more.
func (p *player) work() bool {
	if p.finding() {
		p.finder.look(&p.rec.Timeline, workSlice)
		p.arrive()
	}
	if p.counting {
		p.stats.Look(&p.rec.Timeline, workSlice)
	}
	return p.busy()
}

// busy reports whether there is long work to do.
func (p *player) busy() bool {
	return p.finding() || p.counting && p.stats.Len() < p.rec.Len()
}

// finding reports whether there are events that the finder has not looked at.
func (p *player) finding() bool {
	return p.finder != nil && p.finder.shown && p.finder.at < p.rec.Len()
}

// searching reports whether the user is waiting for a match.
func (p *player) searching() bool { return p.finding() && p.finder.way != 0 }

// focused returns what ] and [ go through: the focus, or what is under the cursor.
func (p *player) focused() scene.Focus {
	switch {
	case !p.focus.None():
		return p.focus
	case p.pane == onStage && p.curO != 0:
		return scene.Focus{Obj: p.curO}
	}
	return scene.Focus{G: p.curG}
}

// skip goes to the nearest event in direction way for which wanted returns true, and reports whether there is one.
func (p *player) skip(way int, wanted func(n int) bool) bool {
	for n := p.rec.Clock().Count(p.pos) + way; n > 0 && n <= p.rec.Len(); n += way {
		if wanted(n) {
			p.goTo(n)
			return true
		}
	}
	return false
}

// nextOfFocus goes to the nearest event of the focus in direction way. It returns a message, or "".
func (p *player) nextOfFocus(way int) string {
	f := p.focused()
	if f.None() {
		return "Nothing is in focus. " + nothingChosen
	}
	events := p.rec.Timeline.Events()
	if p.skip(way, func(n int) bool { return f.Concerns(p.rec.Timeline.Now(), &events[n-1]) }) {
		return ""
	}
	name := p.rec.Timeline.Now().Words().GName(f.G)
	if f.Obj != 0 {
		name = p.rec.Timeline.Now().Words().ObjName(f.Obj)
	}
	return fmt.Sprintf("There is no event of %s %s this one.", cells.Clean(name), beforeOrAfter(way))
}

// nextTrouble goes to the nearest problem in direction way. It returns a message, or "".
func (p *player) nextTrouble(way int) string {
	all := p.rec.Trouble()
	i, found := slices.BinarySearch(all, int32(p.rec.Clock().Count(p.pos)))
	if way < 0 {
		i--
	} else if found {
		i++
	}
	switch {
	case len(all) == 0:
		return "Nothing went wrong."
	case i < 0 || i >= len(all):
		return fmt.Sprintf("Nothing went wrong %s this event.", beforeOrAfter(way))
	}
	p.goTo(int(all[i]))
	return ""
}

// onlyFocus restricts the log to the focus, or shows everything again.
func (p *player) onlyFocus() string {
	switch p.log.only = !p.log.only; {
	case !p.log.only:
		return "The log shows everything."
	case p.focus.None():
		return "The log will show only what is in focus, once something is."
	}
	return "The log shows only what is in focus."
}

func beforeOrAfter(way int) string {
	if way < 0 {
		return "before"
	}
	return "after"
}

// mark sets or removes a mark at the playhead.
func (p *player) mark() string {
	n := p.rec.Clock().Count(p.pos)
	i, found := slices.BinarySearch(p.marks, n)
	if found {
		p.marks = slices.Delete(p.marks, i, i+1)
		return fmt.Sprintf("Event %d is no longer marked.", n)
	}
	p.marks = slices.Insert(p.marks, i, n)
	return fmt.Sprintf("Event %d is marked; ' leads from mark to mark.", n)
}

// nextMark goes to the next mark, and from the last one to the first.
func (p *player) nextMark() string {
	if len(p.marks) == 0 {
		return "There are no marks; b sets one."
	}
	i, _ := slices.BinarySearch(p.marks, p.rec.Clock().Count(p.pos)+1)
	i %= len(p.marks)
	p.goTo(p.marks[i])
	return fmt.Sprintf("Mark %d of %d", i+1, len(p.marks))
}

// underline highlights the matches in s, which is drawn in the n cells at x, y.
func (f *finder) underline(c *cells.Canvas, x, y, n int, s string) {
	if f == nil || cells.Width(s) > n {
		return
	}
	for _, at := range f.re.FindAllStringIndex(s, 8) {
		c.Text(x+cells.Width(s[:at[0]]), y, s[at[0]:at[1]], cells.StyleAccent|cells.StyleBold)
	}
}
