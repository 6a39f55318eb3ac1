package tui

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

var (
	movingDef   = regexp.MustCompile(`(?s)<g id="(f\d+)"(.*?)</g>\n(?:</g>\n)?`)
	movingUse   = regexp.MustCompile(`<use href="#(f\d+)" y="(\d+)"(?: class="(k\d+)( e)?")?/>`)
	movingFrame = regexp.MustCompile(`@keyframes (k\d+)\{(.*)\}`)
	movingAt    = regexp.MustCompile(`([\d.]+)%\{visibility:(\w+)\}`)
	movingLong  = regexp.MustCompile(`animation:([\d.]+)s`)
)

// An animated picture shows at each time what the film shows then, and without animation its end. It contains no scripts.
func TestFilmMovingSVG(t *testing.T) {
	keys := []string{"0.5s", "w", "0.5s", "left", "0.25s"}
	f := newTestFilm(t, tuitest.ForksTrace(3, true), FilmConfig{Width: 100, Height: 24, Keys: keys})
	var b strings.Builder
	if err := f.WriteMovingSVG(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	picture := b.String()
	wellFormed(t, picture)
	if strings.Contains(picture, "<script") || strings.Contains(picture, "http") && strings.Count(picture, "http") > 1 {
		t.Error("it has scripts, or refers to something")
	}
	shown := shownIn(t, picture)
	again := newTestFilm(t, tuitest.ForksTrace(3, true), FilmConfig{Width: 100, Height: 24, Keys: keys})
	frames := 0
	var last []string
	_, err := again.play(t.Context(), movingEvery, func(at time.Duration, c *cells.Canvas) {
		var one cells.Moving
		var b strings.Builder
		one.Frame(0, c, again.th)
		w := bufio.NewWriter(&b)
		one.Write(w, time.Second, "", cells.PaletteDark)
		_ = w.Flush() // a Builder never fails
		want := shownIn(t, b.String())(math.Inf(1))
		if got := shown(at.Seconds()); !slices.Equal(got, want) {
			t.Errorf("at %v it shows\n%q\nwant\n%q", at, got, want)
		}
		last = want
		frames++
	})
	if err != nil || frames < 10 {
		t.Errorf("%d frames, %v", frames, err)
	}
	if got := shown(math.Inf(1)); !slices.Equal(got, last) {
		t.Errorf("without animation it shows\n%q\nwant\n%q", got, last)
	}
}

// shownIn returns a function that returns the texts in each line of an animated picture at the given time; at infinity, without
// animation.
func shownIn(t *testing.T, picture string) func(seconds float64) []string {
	t.Helper()
	texts := make(map[string]string)
	for _, m := range movingDef.FindAllStringSubmatch(picture, -1) {
		texts[m[1]] = strings.TrimPrefix(strings.TrimPrefix(m[2], ">"), " ")
	}
	type change struct {
		at   float64
		seen bool
	}
	changes := make(map[string][]change)
	for _, m := range movingFrame.FindAllStringSubmatch(picture, -1) {
		for _, at := range movingAt.FindAllStringSubmatch(m[2], -1) {
			percent, _ := strconv.ParseFloat(at[1], 64)
			changes[m[1]] = append(changes[m[1]], change{percent, at[2] == "visible"})
		}
	}
	long, err := strconv.ParseFloat(movingLong.FindStringSubmatch(picture)[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return func(seconds float64) (lines []string) {
		for _, m := range movingUse.FindAllStringSubmatch(picture, -1) {
			seen := m[3] == "" || m[4] != ""
			if m[3] != "" && !math.IsInf(seconds, 1) {
				for _, c := range changes[m[3]] {
					if c.at <= 100*seconds/long+0.01 {
						seen = c.seen
					}
				}
			}
			if seen {
				lines = append(lines, m[2]+" "+texts[m[1]])
			}
		}
		slices.Sort(lines)
		return lines
	}
}

// wellFormed fails the test if text is not well-formed XML.
func wellFormed(t *testing.T, text string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestFilmKeys(t *testing.T) {
	press := func(cfg FilmConfig, keys ...string) string {
		t.Helper()
		cfg.Width, cfg.Height, cfg.Keys = 100, 26, keys
		f := newTestFilm(t, tuitest.ForksTrace(3, true), cfg)
		svgOf(t, f)
		return f.shown.String()
	}
	if got := press(FilmConfig{}, "w"); !strings.Contains(got, "a cycle of 3") {
		t.Errorf("after w it shows\n%s", got)
	}
	if got := press(FilmConfig{}, "w", "1s", "left", "1s", "left", "1s", "w"); strings.Contains(got, "cycle") || strings.Contains(got, "deadlock") {
		t.Errorf("one step before the deadlock it shows\n%s", got)
	}
	if got := press(FilmConfig{Driver: &fakeDriver{}}, "1s", "2", "1s", "1", "1s"); !strings.Contains(got, "you decide, step 2") || !strings.Contains(got, "Lock lock-3") {
		t.Errorf("after two decisions it shows\n%s", got)
	}
	for _, test := range []struct {
		cfg  FilmConfig
		want string
	}{
		{FilmConfig{Keys: []string{"nothing"}}, `tui: "nothing" is neither a key nor a time from 0s to 1m0s`},
		{FilmConfig{Keys: []string{"2h"}}, `tui: "2h" is neither a key nor a time from 0s to 1m0s`},
		{FilmConfig{Keys: []string{"w"}, StageOnly: true}, "tui: keys cannot be pressed if only the stage is drawn"},
	} {
		if _, err := NewFilm(t.Context(), &Playback{Events: tuitest.ForksTrace(3, true).Events}, test.cfg); err == nil || err.Error() != test.want {
			t.Errorf("keys %q: %v, want %s", test.cfg.Keys, err, test.want)
		}
	}
}
