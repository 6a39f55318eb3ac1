package tui

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// hostile returns the files in testdata/hostile, each of which once made something fail, and the recordings in docs.
func hostile(t testing.TB) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	for _, pattern := range []string{"testdata/hostile/*.jsonl", "../docs/recordings/*.jsonl"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(names), err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(name)] = data
		}
	}
	return files
}

// Any file can be read, shown and exported: nothing panics, cost is proportional to the file, and no output contains escape
// sequences from it.
func FuzzFile(f *testing.F) {
	for _, data := range hostile(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<17 {
			return
		}
		events, err := tracefile.Read(t.Context(), bytes.NewReader(data))
		if err != nil && len(err.Error()) > 2000 {
			t.Errorf("an error of %d bytes", len(err.Error()))
		}
		showAll(t, events[:min(len(events), 400)])
	})
}

// The events of a watched program are not validated by a reader. Each event is 16 bytes: kind, class, goroutine, object, peer,
// number, time and text, where the number selects a value at which something could overflow.
func FuzzEvents(f *testing.F) {
	f.Add([]byte("0123456789abcdef0123456789ABCDEF"))
	for k := range byte(trace.KindFail + 2) { // one event of each class
		var data []byte
		for c := range byte(trace.ClassAtomic + 2) {
			data = append(data, byte(trace.KindDefineObj), c, 1, c, 0, c, 1, 1, k, c, 1, c, 2, c, 1, 2)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { showAll(t, eventsOf(data)) })
}

func eventsOf(data []byte) []trace.Event {
	numbers := [...]int64{0, 1, 2, 3, -1, 1<<63 - 1, -1 << 63, 1<<62 + 1, 1 << 53, 1 << 31, 1<<31 - 1, 1 << 32, 17, 200, 1000, 1e9}
	texts := [...]string{"", "a", "Put", "Get", "Join", "WaitAny", "next", "act", "x\x1b[2J\u009b\u202e\xff", strings.Repeat("\u0301", 300), strings.Repeat("long", 3000)}
	var events []trace.Event
	for ; len(data) >= 8 && len(events) < 200; data = data[8:] {
		n := func(i int) int64 { return numbers[int(data[i])%len(numbers)] }
		events = append(events, trace.Event{
			Seq: uint64(len(events) + 1), Kind: trace.Kind(data[0]), Class: trace.Class(data[1]), G: n(2), Obj: trace.ID(data[3] % 20), Peer: n(4),
			N: n(5), Time: n(6), PC: uint64(data[6]), Text: texts[int(data[7])%len(texts)],
		})
	}
	return events
}

// showAll shows events in every view and exports them in every format.
func showAll(t *testing.T, events []trace.Event) {
	t.Helper()
	if len(events) == 0 {
		return
	}
	size := 0
	for i := range events {
		size += 100 + min(len(events[i].Text), 5000)
	}
	checkExports(t, events, size)
	for _, cfg := range []FilmConfig{
		{Width: minWidth, Height: minHeight},
		{Width: 120, Height: 36, ASCII: true},
		{Width: stageWidth, Height: stageHeight, StageOnly: true, Background: BackgroundLight},
		{Width: 200, Height: 60, StageOnly: true, ReducedMotion: true},
	} {
		film, err := NewFilm(t.Context(), &Playback{Title: "a\x1b[2J\u202e", Events: events}, cfg)
		if err != nil {
			t.Fatal(err)
		}
		checkFilm(t, film)
	}
}

func checkExports(t *testing.T, events []trace.Event, size int) {
	t.Helper()
	for name, write := range map[string]func(w io.Writer) error{
		"text":     func(w io.Writer) error { return timeline.WriteText(t.Context(), w, events) },
		"mermaid":  func(w io.Writer) error { return timeline.WriteMermaid(t.Context(), w, events) },
		"perfetto": func(w io.Writer) error { return timeline.WritePerfetto(t.Context(), w, events) },
	} {
		var out bytes.Buffer
		if err := write(&out); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if most := 10_000 + len(events)*10_000 + 20*size; out.Len() > most {
			t.Errorf("%s: %d bytes for %d events of %d bytes", name, out.Len(), len(events), size)
		}
		printable(t, name, out.String())
		if name == "perfetto" && !json.Valid(out.Bytes()) {
			t.Errorf("perfetto: not JSON: %.300s", out.String())
		}
	}
	var st timeline.Stats
	for i := range events {
		st.Add(events[i])
	}
	for _, o := range st.Objects() {
		o.Queue(7, st.Now().Now()+time.Hour)
	}
	st.Goroutines()
	for _, w := range st.Warnings(true) {
		printable(t, "a warning", w.Text)
	}
	if d, err := timeline.Diff(t.Context(), events, events); err != nil || d.Differ() {
		t.Errorf("it differs from itself: %v", err)
	}
}

// printable fails the test if out contains anything but printable text, line feeds and tabs.
func printable(t *testing.T, what, out string) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Errorf("%s: not UTF-8", what)
	}
	for _, r := range out {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			t.Errorf("%s: %U in %.300q", what, r, out)
			return
		}
	}
}

// checkFilm draws several moments of the film, each with a different focus.
func checkFilm(t *testing.T, f *Film) {
	t.Helper()
	p := f.p
	n := p.rec.Len()
	for i := 0; i <= n; i += max(1, n/4) {
		if err := f.Seek(Place{event: i}); err != nil {
			t.Fatal(err)
		}
		s := p.rec.Scene(p.pos, 0).State
		p.focus = scene.Focus{}
		if objs := s.Objects(); len(objs) > 0 && i%3 == 1 {
			p.focus.Obj = objs[i%len(objs)].ID
		} else if gs := s.Goroutines(); len(gs) > 0 && i%3 == 2 {
			p.focus.G = gs[i%len(gs)].ID
		}
		p.pane, p.ease = pane(i)%panes, time.Duration(i%3)*stage.SlideFor/2
		p.code, p.log.only = i%5 == 1, i%7 == 1
		if i%4 == 3 {
			p.toggleStats()
			for p.work() {
			}
			p.stats.NextTable(i / 4)
		}
		f.draw(i%2 == 0)
		tuitest.Fits(t, &f.c)
		printable(t, "the screen", f.c.String())
		if i%4 == 3 {
			p.toPeak()
			p.counting = false
		}
	}
	p.code, p.log.only, p.say = false, false, ""
	for _, d := range p.rec.Timeline.Now().Deadlocks() {
		printable(t, "a deadlock", p.rec.Timeline.Now().Words().Deadlock(d))
	}
	p.rec.Timeline.Now().Contention()
	p.focus = scene.Focus{}
	p.seek(p.end())
	checkSVG(t, f)
	checkAsciicast(t, f)
	p.evenSteps()
	p.seek(p.end() / 2)
	f.draw(true)
	tuitest.Fits(t, &f.c)
}

func checkSVG(t *testing.T, f *Film) {
	t.Helper()
	var b bytes.Buffer
	if err := f.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	if most := 100_000 + 200*f.cfg.Width*f.cfg.Height; b.Len() > most {
		t.Errorf("a picture of %d bytes", b.Len())
	}
	printable(t, "svg", b.String())
	for d := xml.NewDecoder(&b); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// checkAsciicast makes an asciicast of the first events; the rest would not differ.
func checkAsciicast(t *testing.T, f *Film) {
	t.Helper()
	const most = 12
	if f.p.rec.Len() > most && f.cfg.Width > stageWidth {
		return // it would take too long
	}
	if err := f.Seek(Place{event: min(f.p.rec.Len(), most)}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.WriteAsciicast(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	frames := bytes.Count(b.Bytes(), []byte("\n"))
	if limit := int((2*asciicastRest+time.Second)/asciicastEvery)*(most+1) + 100; frames > limit {
		t.Errorf("an asciicast of %d events has %d frames, more than %d", min(f.p.rec.Len(), most), frames, limit)
	}
	d := json.NewDecoder(&b)
	var head map[string]any
	if err := d.Decode(&head); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		var frame [3]any
		if err := d.Decode(&frame); err != nil {
			t.Fatal(err)
		}
		out, _ := frame[2].(string)
		out = sequences.Replace(out)
		for _, r := range out {
			if r != '\x1b' && !unicode.IsPrint(r) {
				t.Errorf("asciicast: %U in %.300q", r, out)
				return
			}
		}
	}
}

var sequences = strings.NewReplacer("\x1b[?25l\x1b[2J", "")
