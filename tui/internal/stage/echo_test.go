package stage

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// factWords maps words to a synonym, or to "" if they mean nothing by themselves.
var factWords = map[string]string{
	"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "no": "0",
	"reader": "read", "reading": "read", "reads": "read", "writing": "write", "writes": "write", "locked": "write",
	"members": "run", "member": "run", "running": "run", "runs": "run", "keys": "key", "calls": "call", "tasks": "task",
	"done": "settled", "queued": "waiting", "not": "not",
	"the": "", "it": "", "is": "", "are": "", "of": "", "has": "", "have": "", "been": "", "a": "", "at": "", "in": "", "to": "", "room": "",
}

var factWord = regexp.MustCompile(`[a-z]+|[0-9]+`)

// factsOf returns the meaningful words of a text.
func factsOf(text string) []string {
	var facts []string
	for _, w := range factWord.FindAllString(strings.ToLower(text), -1) {
		if same, known := factWords[w]; known {
			w = same
		}
		if w != "" && w != "v" && w != "version" {
			facts = append(facts, w)
		}
	}
	slices.Sort(facts)
	return facts
}

// echo returns a clause of said that one of others already says; "" if there is none.
func echo(said string, others []string) string {
	for clause := range strings.SplitSeq(strings.NewReplacer(": ", "; ", ", ", "; ").Replace(said), "; ") {
		facts := factsOf(clause)
		for _, o := range others {
			if len(facts) > 0 && slices.Equal(facts, factsOf(o)) {
				return fmt.Sprintf("%q and %q", clause, o)
			}
		}
	}
	return ""
}

// inPanel returns the texts in a panel for o among others, without its title, labels and sentence.
func inPanel(sc *scene.Scene, o *timeline.Object) (texts []string) {
	only := *sc
	only.Objects = []*timeline.Object{o, {ID: 1 << 60, Class: trace.ClassMutex, Name: "another"}} // so that o does not have the whole stage
	area := cells.Area(0, 0, 60, 30)
	c := cells.NewCanvas(area.W, area.H)
	l := LayOut(&only, area, 0)
	l.Draw(c)
	r := l.Spots[0].Area
	lines := strings.Split(c.String(), "\n")
	for _, line := range lines[r.Y+2 : r.Y+r.H-2] {
		cells := []rune(line)
		line = string(cells[min(len(cells), r.X):min(len(cells), r.X+r.W)])
		line = strings.Map(func(r rune) rune {
			if strings.ContainsRune("│║╔╗╚╝═─╭╮╰╯┤├╎╌┼", r) {
				return '\t'
			}
			return r
		}, line)
		for text := range strings.SplitSeq(strings.ReplaceAll(line, "  ", "\t"), "\t") {
			text = strings.TrimSpace(text)
			named := func(x *timeline.Object) bool { return strings.Contains(text, sc.ObjectName(x.ID)) } // names are not facts
			if text != "" && !slices.ContainsFunc(sc.State.Objects(), named) {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// No panel and no row says anything twice: in its title, its drawing and its sentence.
func TestNothingIsSaidTwice(t *testing.T) {
	seen := make(map[string]bool)
	check := func(t *testing.T, sc *scene.Scene, o *timeline.Object) {
		t.Helper()
		st := &stage{sc: sc, Layout: Layout{area: cells.Area(0, 0, 60, 15)}}
		p := st.panelOf(o)
		said, _ := p.sentence()
		title := p.title()
		key := fmt.Sprint(o.Class, title, said)
		if seen[key] {
			return
		}
		seen[key] = true
		if !slices.Contains(title, said) { // otherwise the title is left out
			if what := echo(said, slices.Concat(title, inPanel(sc, o))); what != "" {
				t.Errorf("the panel of %s, a %v, says %s", o.Name, o.Class, what)
			}
		}
		if what := echo(strings.Join(title, "; "), inPanel(sc, o)); what != "" {
			t.Errorf("the panel of %s, a %v, says %s", o.Name, o.Class, what)
		}
		state, _, _ := p.row()
		state = strings.TrimSpace(state)
		text, _ := besideState(p, state)
		if what := echo(text, append(strings.Split(state, ", "), state)); what != "" {
			t.Errorf("the row of %s, a %v, says %s", o.Name, o.Class, what)
		}
		if state != "" && strings.HasPrefix(text, state) {
			t.Errorf("the row of %s, a %v, says %q below %q", o.Name, o.Class, text, state)
		}
	}
	tuitest.EachScenario(t, func(t *testing.T, r tuitest.Recording) {
		rec := scene.NewRecording()
		if err := rec.Load(t.Context(), r.Events); err != nil {
			t.Fatal(err)
		}
		const most = 24 // moments per scenario
		for n := 1; n <= rec.Len(); n += max(1, rec.Len()/most) {
			sc := rec.Scene(rec.Clock().PosOf(n), SlideFor)
			for _, o := range sc.Objects[:min(len(sc.Objects), 16)] {
				if now := sc.State.Object(o.ID); now != nil {
					check(t, sc, o)
				}
			}
		}
	})
	t.Run("traces", func(t *testing.T) {
		for _, roll := range rolls {
			for _, shot := range roll.shots() {
				for _, o := range shot.scene.Objects {
					if now := shot.scene.State.Object(o.ID); now != nil {
						check(t, shot.scene, o)
					}
				}
			}
		}
	})
	if len(seen) < 100 {
		t.Errorf("only %d different panels were seen", len(seen))
	}
}
