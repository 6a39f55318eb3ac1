package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

const lookText = "The first of them waits for a long time, the others come one after the other; when the last has come, all of them go " +
	"on at once, in the order in which they came."

// The parts of the player do not overlap and stay on the screen, and what to look for fits beside the stage with any number of
// goroutines.
func TestPlan(t *testing.T) {
	for _, n := range []needs{{}, {gs: 4, objs: 1, panels: 1}, {gs: 30, objs: 60, panels: 9, list: 60, look: lookText}, {gs: 9, objs: 2, panels: 1, list: 200, look: lookText}, {gs: 9, objs: 2, zoomed: true}, {gs: 9, objs: 2, source: true, zoomed: true}, {gs: 9, objs: 8, panels: 8, look: lookText, source: true}, {gs: 3, look: lookText, source: true, code: true}} {
		for w := minWidth; w <= 240; w += 4 {
			for h := minHeight; h <= 80; h++ {
				p := planFor(w, h, n)
				parts := []cells.Rect{p.header, p.stage, p.list, p.lanes, p.log, p.look, p.source, p.footer}
				if n.look != "" && h >= 24 && p.look.H < lookH {
					t.Errorf("%d×%d, %+v: no room for what to look for", w, h, n)
				}
				if n.source && n.look != "" && w == 80 && h == 24 && !n.code && p.stage.H < 9 {
					t.Errorf("%d×%d, %+v: the stage has %d lines", w, h, n, p.stage.H)
				}
				for i, r := range parts {
					if r.X < 0 || r.Y < 0 || r.W < 0 || r.H < 0 || r.X+r.W > w || r.Y+r.H > h {
						t.Fatalf("%d×%d, %+v: part %d is not on the screen: %+v", w, h, n, i, r)
					}
					for j, o := range parts[:i] {
						if r.X < o.X+o.W && o.X < r.X+r.W && r.Y < o.Y+o.H && o.Y < r.Y+r.H {
							t.Fatalf("%d×%d, %+v: parts %d and %d overlap: %+v, %+v", w, h, n, j, i, o, r)
						}
					}
				}
				if n.look != "" && !n.source && h >= 24 && w >= 100 && len(cells.Wrap(n.look, p.look.W-2)) > p.look.H-1 {
					t.Errorf("%d×%d: no room for what to look for in %+v", w, h, p.look)
				}
			}
		}
	}
}

// waitersOf returns a player with n goroutines that have long names and wait for one of objs locks.
func waitersOf(n, objs int) *player {
	tr := tuitest.NewTrace("main")
	for i := range objs {
		tr.Object(fmt.Sprintf("the-long-table-%d", i+1), trace.ClassMutex, 0, "")
		tr.Do(trace.KindAcquire, "main", fmt.Sprintf("the-long-table-%d", i+1), 1)
	}
	for i := range n {
		tr.Block(fmt.Sprintf("philosopher-%02d", i+1), fmt.Sprintf("the-long-table-%d", i%objs+1), "Lock", 1)
	}
	p := newPlayer("waiters", 1, true)
	p.add(tr.Events)
	p.finish(nil)
	p.seek(p.end())
	return p
}

// What to look for is visible with any number of goroutines.
func TestLookFor(t *testing.T) {
	for _, n := range []int{1, 7, 8, 40} {
		for _, size := range []cells.Rect{{W: 100, H: 24}, {W: 120, H: 36}, {W: 200, H: 60}} {
			p := waitersOf(n, 2)
			p.lookFor = lookText
			c := cells.NewCanvas(size.W, size.H)
			p.draw(c, "", cells.StylePlain)
			tuitest.Fits(t, c)
			got := c.String()
			for _, words := range [...]string{" look for ", "The first of them waits", "they came."} {
				if !strings.Contains(got, words) {
					t.Errorf("%d goroutines, %d×%d: %q is not seen:\n%s", n, size.W, size.H, words, got)
				}
			}
		}
	}
}

// Long names make the list wider, but leave room for panels that are side by side.
func TestListWidth(t *testing.T) {
	for _, test := range []struct {
		w, objs int
		whole   bool
	}{{120, 1, true}, {120, 2, true}, {120, 4, false}, {132, 4, true}, {200, 4, true}} {
		p := waitersOf(3, test.objs)
		c := cells.NewCanvas(test.w, 36)
		p.draw(c, "", cells.StylePlain)
		all := strings.Contains(c.String(), "◐ philosopher-01  waits for the-long-table-1")
		if all != test.whole {
			t.Errorf("%d columns, %d objects: in whole is %v:\n%s", test.w, test.objs, all, c.String())
		}
		if test.objs > 2 && (len(p.shown) < test.objs || p.shown[0].Area.Y != p.shown[1].Area.Y) {
			t.Errorf("%d columns: the panels do not stand side by side:\n%s", test.w, c.String())
		}
	}
}

// If objects are rows because there is no room for panels, enter opens one as a panel; the others stay visible.
func TestEnterOpensRow(t *testing.T) {
	for _, objs := range []int{3, 5, 8, 40} {
		p := waitersOf(9, objs)
		c := cells.NewCanvas(80, 24)
		p.draw(c, "", cells.StylePlain)
		for _, s := range p.shown {
			if s.Area.H >= stage.MinPanelH {
				t.Errorf("%d objects: %v is not a row", objs, s)
			}
		}
		p.pane = onStage
		p.chooseObj(0)
		p.chooseObj(1)
		p.enter()
		c.Reset(80, 24)
		p.draw(c, "", cells.StylePlain)
		open := slices.IndexFunc(p.shown, func(s stage.Spot) bool { return s.Obj == p.curO })
		if open < 0 || p.shown[open].Area.H < stage.MinPanelH-1 {
			t.Errorf("%d objects: there is no panel of %d in\n%s", objs, p.curO, c)
		}
		for _, want := range []string{"the-long-table-2 · Mutex", "at the door", "the-long-table-1 ▣", "the-long-table-3 ▣"} {
			if got := strings.Join(strings.Fields(c.String()), " "); !strings.Contains(got, want) {
				t.Errorf("%d objects: no %q in\n%s", objs, want, c)
			}
		}
	}
}

// On a small screen, what to look for is shown page by page, in whole sentences unless they are too long.
func TestLookForInPages(t *testing.T) {
	p := waitersOf(7, 8)
	p.lookFor = lookText + " And then it is over."
	c := cells.NewCanvas(80, 24)
	seen := ""
	for at := range 4 {
		p.pos = time.Duration(at) * lookFor
		c.Reset(80, 24)
		p.draw(c, "", cells.StylePlain)
		tuitest.Fits(t, c)
		seen += c.String()
	}
	for _, words := range [...]string{"look for The first of them waits", "when the last has come, all of them go on at once, in the order in which they came.", "And then it is over.", "the-long-table-8"} {
		if got := strings.Join(strings.Fields(seen), " "); !strings.Contains(got, words) {
			t.Errorf("%q is not seen:\n%s", words, seen)
		}
	}
	for _, tt := range []struct {
		text string
		h    int
		want string
	}{{"One. Two. Three four five six.", 1, "[[One. Two.] [Three four] [five six.]]"}, {"One. Two. Three four five six.", 2, "[[One. Two.] [Three four five six.]]"}, {"One two; three four. Five.", 1, "[[One two;] [three] [four.] [Five.]]"}, {"", 2, "[]"}, {"One.", 0, "[]"}} {
		if got := fmt.Sprint(inPages(tt.text, 10, tt.h)); got != tt.want {
			t.Errorf("%q in %d lines: %s, want %s", tt.text, tt.h, got, tt.want)
		}
	}
}
