package tui

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

func newTestFilm(t *testing.T, tr *tuitest.Trace, cfg FilmConfig) *Film {
	t.Helper()
	f, err := NewFilm(t.Context(), &Playback{Title: "a <b> & c", Events: tr.Events}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func svgOf(t *testing.T, f *Film) string {
	t.Helper()
	var b strings.Builder
	if err := f.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFilmSVG(t *testing.T) {
	for _, test := range []struct {
		name string
		cfg  FilmConfig
		at   float64 // in percent
	}{
		{"stage-dark", FilmConfig{Width: 60, Height: 10, StageOnly: true}, 50},
		{"stage-light", FilmConfig{Width: 60, Height: 10, StageOnly: true, Background: BackgroundLight}, 100},
		{"player", FilmConfig{Width: 60, Height: 20}, 60},
		{"player-no-color", FilmConfig{Width: 60, Height: 20, NoColor: true}, 100},
		{"stage-ascii", FilmConfig{Width: 60, Height: 10, StageOnly: true, ASCII: true}, 50},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newTestFilm(t, tuitest.AbortTrace(), test.cfg)
			if err := f.Seek(Place{unit: '%', part: test.at}); err != nil {
				t.Fatal(err)
			}
			picture := svgOf(t, f)
			if again := svgOf(t, f); again != picture {
				t.Error("the same moment gives a different picture")
			}
			golden.RequireEqual(t, picture)
		})
	}
}

// Whatever the names in a trace are, a picture is well formed, and text is at the columns of its cells.
func TestFilmSVGWellFormed(t *testing.T) {
	tr := tuitest.NewTrace("日本語のとても長い名前", "<&>\"'", "tab\tand\x1b[31mred\u202e", "e\u0301te\u0301")
	tr.Object("]]>", trace.ClassMutex, 0, "").Do(trace.KindAcquire, "<&>\"'", "]]>", 1)
	for _, ascii := range []bool{false, true} {
		f := newTestFilm(t, tr, FilmConfig{ASCII: ascii})
		d := xml.NewDecoder(strings.NewReader(svgOf(t, f)))
		for {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			el, ok := tok.(xml.StartElement)
			if !ok || el.Name.Local != "text" {
				continue
			}
			for _, a := range el.Attr {
				if n, err := strconv.Atoi(a.Value); (a.Name.Local == "x" || a.Name.Local == "textLength") && (err != nil || n%cells.CellWidth != 0) {
					t.Errorf("%s=%s is not at a column", a.Name.Local, a.Value)
				}
			}
		}
	}
}

// However long the texts of a trace are, the time to draw a frame depends only on what it shows.
func TestFilmOfLongTexts(t *testing.T) {
	for _, long := range []string{strings.Repeat("x", 1<<20), strings.Repeat("日", 1<<19), "a" + strings.Repeat("\u0301", 1<<19), strings.Repeat("\u200b", 1<<19)} {
		tr := tuitest.NewTrace("main"+long, "ann").Object("v"+long, trace.ClassVar, 0, "").Object("q"+long, trace.ClassQueue, 3, "").Object("l", trace.ClassLocal, 0, "")
		tr.Say(trace.KindWrite, "ann", "v"+long, 0, long).Say(trace.KindPut, "ann", "q"+long, 1, long).Say(trace.KindSetValue, "ann", "l", 0, long)
		tr.Say(trace.KindLog, "ann", "", 0, long).Say(trace.KindExit, "main"+long, "", 1, long)
		f := newTestFilm(t, tr, FilmConfig{})
		f.draw(true)
		tuitest.Fits(t, &f.c)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f.draw(true)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 3<<20 {
			t.Errorf("a frame of %.10q… takes %d bytes", long, used)
		}
	}
}

// A late event does not make a film longer.
func TestFilmLeavesOutRests(t *testing.T) {
	frames := func(rest time.Duration, speed float64) (n int, last string) {
		tr := tuitest.NewTrace("main")
		tr.Say(trace.KindLog, "main", "", 0, "before").After(rest).Say(trace.KindLog, "main", "", 0, "after").After(time.Second).Say(trace.KindLog, "main", "", 0, "end")
		var b strings.Builder
		if err := newTestFilm(t, tr, FilmConfig{Width: 80, Height: 24, Speed: speed}).WriteAsciicast(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"before", "after", "end"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("after %v %q is not shown", rest, want)
			}
		}
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		return len(lines), lines[len(lines)-1]
	}
	for _, speed := range []float64{0.5, 1, 10} {
		short, _ := frames(time.Duration(6*speed*float64(time.Second)), speed)
		for _, rest := range []time.Duration{10 * time.Hour, 10 * 365 * 24 * time.Hour, 1 << 59} {
			if long, last := frames(rest, speed); long > short+3 || long < short-3 {
				t.Errorf("at speed %g: %d frames for a rest of seconds, %d for one of %v, up to %.20s", speed, short, long, rest, last)
			}
		}
	}
}

func TestFilmSeek(t *testing.T) {
	f := newTestFilm(t, tuitest.AbortTrace(), FilmConfig{})
	n := f.p.rec.Len()
	if f.events() != n {
		t.Errorf("a new film stands after event %d, want %d", f.events(), n)
	}
	for _, at := range []int{1, 7, n} {
		if err := f.Seek(Place{event: at}); err != nil || f.events() != at {
			t.Errorf("Seek to event %d: at %d, %v", at, f.events(), err)
		}
	}
	for i, ev := range tuitest.AbortTrace().Events {
		d := time.Duration(ev.Time)
		if err := f.Seek(Place{unit: 's', time: d}); err != nil || f.events() < i+1 || f.events() < n && time.Duration(f.p.rec.Timeline.Event(f.events()).Time) <= d {
			t.Errorf("Seek to %v: at event %d, want %d, %v", d, f.events(), i+1, err)
		}
	}
	for _, err := range []error{f.Seek(Place{event: -1}), f.Seek(Place{event: n + 1}), f.Seek(Place{unit: 's', time: -1}), f.Seek(Place{unit: 's', time: time.Hour})} {
		if err == nil || !strings.Contains(err.Error(), "0 … ") {
			t.Errorf("out of range: %v", err)
		}
	}
}

func TestNewFilmErrors(t *testing.T) {
	pb := &Playback{Events: tuitest.AbortTrace().Events}
	for _, test := range []struct {
		pb   *Playback
		cfg  FilmConfig
		want string
	}{
		{&Playback{}, FilmConfig{}, "no events"},
		{pb, FilmConfig{Width: 59, Height: 20}, "60×20 … 400×200"},
		{pb, FilmConfig{Width: 120}, "out of range"},
		{pb, FilmConfig{Width: 29, Height: 8, StageOnly: true}, "30×8 … 400×200"},
		{pb, FilmConfig{Width: 401, Height: 100}, "out of range"},
	} {
		if _, err := NewFilm(t.Context(), test.pb, test.cfg); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: error %v, want %q", test.cfg, err, test.want)
		}
	}
}

var (
	asciicastPlace = regexp.MustCompile("\x1b\\[(\\d+);(\\d+)H")
	asciicastStyle = regexp.MustCompile("\x1b\\[[\\d;]*m")
)

// A terminal recording, played on a terminal, ends with the screen of the player, after showing all events.
func TestFilmAsciicast(t *testing.T) {
	f := newTestFilm(t, tuitest.AbortTrace(), FilmConfig{Width: 80, Height: 24, Speed: 2})
	var b bytes.Buffer
	if err := f.WriteAsciicast(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b.Bytes()))
	var head struct{ Version, Width, Height int }
	if err := d.Decode(&head); err != nil || head.Version != 2 || head.Width != 80 || head.Height != 24 {
		t.Errorf("header %+v, %v", head, err)
	}
	screen := make([][]string, 24)
	for y := range screen {
		screen[y] = slices.Repeat([]string{" "}, 80)
	}
	shown := func() string {
		var b strings.Builder
		for _, row := range screen {
			b.WriteString(strings.TrimRight(strings.Join(row, ""), " ") + "\n")
		}
		return b.String()
	}
	var seen strings.Builder
	frames, written := 0, 0
	last := -1.0
	for d.More() {
		var frame [3]any
		if err := d.Decode(&frame); err != nil {
			t.Fatal(err)
		}
		at, _ := frame[0].(float64)
		if at <= last || frame[1] != "o" {
			t.Errorf("frame at %v after %v, of kind %v", frame[0], last, frame[1])
		}
		last = at
		text, _ := frame[2].(string)
		places := asciicastPlace.FindAllStringSubmatch(text, -1)
		for i, part := range asciicastPlace.Split(text, -1)[1:] {
			y, _ := strconv.Atoi(places[i][1])
			x, _ := strconv.Atoi(places[i][2])
			for _, r := range asciicastStyle.ReplaceAllString(part, "") { // it contains no wide characters
				screen[y-1][x-1] = string(r)
				x++
				written++
			}
		}
		frames++
		seen.WriteString(shown())
	}
	if written > frames*24*80/4 {
		t.Errorf("%d cells in %d frames, want only those that have changed", written, frames)
	}
	f.draw(false)
	if got, want := shown(), f.c.String(); got != want {
		t.Errorf("the recording ends with\n%s\nwant\n%s", got, want)
	}
	for _, want := range []string{"have arrived", "broken by main", "it ends here"} {
		if !strings.Contains(seen.String(), want) {
			t.Errorf("the recording never shows %q", want)
		}
	}
	if want := f.p.end().Seconds()/2 + stage.SlideFor.Seconds() + asciicastHold.Seconds(); last < want-0.1 || last > want+0.1 {
		t.Errorf("at speed 2 it takes %.2f s, want %.2f s", last, want)
	}
	var again bytes.Buffer
	if err := f.WriteAsciicast(t.Context(), &again); err != nil || again.String() != b.String() {
		t.Errorf("the same film gives a different recording, error %v", err)
	}
}

// A film of the first half is the first half of the film.
func TestFilmAsciicastPart(t *testing.T) {
	f := newTestFilm(t, tuitest.AbortTrace(), FilmConfig{Width: 80, Height: 24})
	_ = f.Seek(Place{unit: '%', part: 50})
	n := f.events()
	var b strings.Builder
	if err := f.WriteAsciicast(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if f.events() != n {
		t.Errorf("writing moved the film from event %d to %d", n, f.events())
	}
	if s := b.String(); !strings.Contains(s, fmt.Sprintf("%d/%d", n, f.p.rec.Len())) || strings.Contains(s, fmt.Sprintf("%d/%d", n+1, f.p.rec.Len())) {
		t.Errorf("the recording does not end after event %d", n)
	}
}

// TestVerdict tests the sentence about the result.
func TestVerdict(t *testing.T) {
	ends := func(n int64, text string) *tuitest.Trace {
		tr := tuitest.NewTrace("main", "ann")
		tr.Do(trace.KindExit, "ann", "", 0)
		return tr.Say(trace.KindExit, "main", "", n, text)
	}
	lock := func() *tuitest.Trace { return tuitest.NewTrace("main", "ann").Object("m", trace.ClassMutex, 0, "") }
	for _, test := range []struct {
		name    string
		tr      *tuitest.Trace
		p       player
		want    string
		outcome cells.Style
	}{
		{"held, live", ends(0, ""), player{}, "✓ the invariant held", cells.StyleRunning},
		{"failed, live", ends(0, ""), player{err: errors.New("counted to 2")}, "✗ failed: counted to 2", cells.StyleTrouble},
		{"a bug that showed", ends(1, "counted to 2"), player{expects: "violation"}, "✗ violation (expected): counted to 2", cells.StyleTrouble},
		{
			"a bug that did not", ends(0, "the invariant held"), player{expects: "violation", name: "counter-unlocked"},
			"✓ the invariant held this time; turnstile check counter-unlocked looks for a schedule that fails", cells.StyleRunning,
		},
		{
			"a race", ends(0, "the invariant held"), player{expects: "race", name: "double-checked-lock"},
			"✓ the invariant held; only a program built with -race detects the data race", cells.StyleRunning,
		},
		{
			"a leak", lock().Block("ann", "m", "Lock", 1).Say(trace.KindExit, "main", "", 0, "the invariant held"), player{expects: "leak", name: "dishes-leak"},
			"✓ the invariant held; left behind: ann", cells.StyleWaiting,
		},
		{"held, recorded", ends(0, "the invariant held"), player{recorded: true}, "✓ the invariant held", cells.StyleRunning},
		{"failed, recorded", ends(1, "counted to 2"), player{recorded: true}, "✗ failed: counted to 2", cells.StyleTrouble},
		{"says nothing", ends(0, ""), player{recorded: true}, "✓ all 2 goroutines have ended", cells.StyleRunning},
		{"some run", lock(), player{recorded: true}, "it ends here; 2 of 2 goroutines still run", cells.StylePlain},
		{"one waits", lock().Block("ann", "m", "Lock", 1), player{recorded: true}, "◐ it ends while ann waits for m", cells.StyleWaiting},
		{"all wait", lock().Block("ann", "m", "Lock", 1).Block("main", "m", "Lock", 1), player{recorded: true}, "◐ it ends while two of 2 goroutines wait", cells.StyleWaiting},
		{
			"deadlock", lock().Do(trace.KindAcquire, "ann", "m", 1).Block("ann", "m", "Lock", 1), player{recorded: true},
			"✗ deadlock: none of these can proceed", cells.StyleTrouble,
		},
		{"live still", ends(0, ""), player{live: true}, "", cells.StylePlain},
		{"live, one runs", lock().Block("ann", "m", "Lock", 1), player{live: true}, "", cells.StylePlain},
		{"live, none runs", lock().Block("ann", "m", "Lock", 1).Block("main", "m", "Lock", 1), player{live: true}, "◐ no goroutine runs; two wait", cells.StyleWaiting},
	} {
		p := test.p
		p.rec = scene.NewRecording()
		p.add(test.tr.Events)
		p.seek(p.end())
		got, st := p.verdict(p.scene(), 200)
		if got != test.want || st.Fg() != test.outcome {
			t.Errorf("%s: %q in style %d, want %q in style %d", test.name, got, st.Fg(), test.want, test.outcome)
		}
		p.seek(0)
		if got, _ := p.verdict(p.scene(), 200); got != "" {
			t.Errorf("%s: %q is shown before the end", test.name, got)
		}
	}
}
