package tui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// pageOf returns the page of a playback, and the data that it plays.
func pageOf(t *testing.T, pb *Playback, cfg FilmConfig) (html []byte, data pageData) {
	t.Helper()
	f, err := NewFilm(t.Context(), pb, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return written(t, f)
}

// written returns the page of f, and the data that it plays.
func written(t *testing.T, f *Film) (html []byte, data pageData) {
	t.Helper()
	var b bytes.Buffer
	if err := f.WriteHTML(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(b.String(), `<script type="application/json" id="data">`)
	text, _, ok := strings.Cut(rest, "</script>")
	if !ok {
		t.Fatal("the page has no data")
	}
	if err := json.Unmarshal([]byte(text), &data); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), data
}

// hostilePlayback has names and texts that would do harm in a page if they were not escaped.
func hostilePlayback() *Playback {
	const bad = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'&{{.}}` + "\x1b[31m"
	return &Playback{Title: bad, Events: []trace.Event{
		{Seq: 1, Kind: trace.KindBegin},
		{Seq: 2, Kind: trace.KindDefineG, G: 1, Text: bad},
		{Seq: 3, Kind: trace.KindDefineObj, Obj: 1, Class: trace.ClassMutex, Text: bad},
		{Seq: 4, Time: 1000, Kind: trace.KindAcquire, G: 1, Obj: 1, N: 1},
		{Seq: 5, Time: 2000, Kind: trace.KindLog, G: 1, Text: bad},
	}}
}

// The page shows what the player shows, from the first event to the last, and refers to nothing outside.
func TestPage(t *testing.T) {
	tr := tuitest.AbortTrace()
	pb := &Playback{Title: "barrier-abort", Events: tr.Events}
	html, data := pageOf(t, pb, FilmConfig{})
	if again, _ := pageOf(t, pb, FilmConfig{}); !bytes.Equal(html, again) {
		t.Error("the page differs from run to run")
	}
	last := data.Frames[len(data.Frames)-1]
	if data.Events != len(tr.Events) || data.Frames[0].N != 0 || last.N != len(tr.Events) || len(data.Frames[0].Lines) != 2*filmHeight {
		t.Errorf("%d events, frames from %d to %d", data.Events, data.Frames[0].N, last.N)
	}
	rows := make([]string, data.Rows)
	for _, f := range data.Frames {
		for i := 0; i < len(f.Lines); i += 2 {
			rows[f.Lines[i]] = data.Fragments[f.Lines[i+1]]
		}
	}
	if all := strings.Join(rows, ""); !strings.Contains(all, "broken by main") || strings.Contains(all, ">quit<") || strings.Contains(all, "#") {
		t.Errorf("at the end the page shows\n%s", all)
	}
	outside := regexp.MustCompile(`(?i)\b(?:src|href)\s*=|url\(|@import|fetch\(|XMLHttpRequest|https?://(?:[^w]|w[^w])`)
	if found := outside.Find(html); found != nil {
		t.Errorf("the page refers to something outside: %s", found)
	}
}

func TestPageOfHostileNames(t *testing.T) {
	html, data := pageOf(t, hostilePlayback(), FilmConfig{})
	if n := bytes.Count(html, []byte("<script")); n != 2 || bytes.Contains(html, []byte("<img")) || bytes.Contains(html, []byte{0x1b}) {
		t.Errorf("there are %d scripts in the page, or names are not escaped", n)
	}
	for _, fragment := range data.Fragments { // the page inserts these as markup
		if strings.Contains(fragment, "<script") || strings.Contains(fragment, "<img") {
			t.Errorf("a fragment is %s", fragment)
		}
	}
}

// A page of a long film has larger steps, and says so; WriteHTML stops when its context ends.
func TestPageOfLongFilm(t *testing.T) {
	const most = 50
	events := []trace.Event{{Seq: 1, Kind: trace.KindBegin}}
	for i := range most {
		events = append(events, trace.Event{Seq: uint64(i) + 2, Time: int64(i) * 1000, Kind: trace.KindLog, G: 1, Text: "x"})
	}
	f, err := NewFilm(t.Context(), &Playback{Events: events}, FilmConfig{Width: stageWidth, Height: stageHeight, StageOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	f.pageFrames = most
	html, data := written(t, f)
	if len(data.Frames) > most || data.Frames[len(data.Frames)-1].N != len(events) || !bytes.Contains(html, []byte("Each step is 2 events.")) {
		t.Errorf("%d frames for %d events", len(data.Frames), len(events))
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	cancel(why)
	if err := f.WriteHTML(ctx, new(bytes.Buffer)); !errors.Is(err, why) {
		t.Error(err)
	}
}

// In a real browser, the page's script runs, the event in the address is shown, and no name is taken for markup.
func TestPageInBrowser(t *testing.T) {
	browser := ""
	for _, name := range []string{"google-chrome", "chromium-browser", "chromium"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
		}
	}
	if browser == "" || testing.Short() {
		t.Skip("there is no Chromium or Chrome, or no time for it")
	}
	html, data := pageOf(t, hostilePlayback(), FilmConfig{})
	name := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(name, html, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
		"--user-data-dir="+t.TempDir(), "file://"+name+"#4").Output()
	if err != nil {
		t.Fatal(err)
	}
	dom := string(out)
	_, screen, _ := strings.Cut(dom, `id="lines">`)
	screen, _, _ = strings.Cut(screen, "</svg>")
	if strings.Count(screen, "translate(0 ") != data.Rows || !strings.Contains(screen, "room for one") || !strings.Contains(dom, "event 4 of 5") {
		t.Errorf("the browser shows\n%s", dom)
	}
	if strings.Contains(screen, "<img") || strings.Contains(screen, "<script") {
		t.Errorf("a name is markup in\n%s", screen)
	}
}
