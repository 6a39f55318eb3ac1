package tui

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/charmbracelet/colorprofile"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A FilmConfig configures how a [Film] is drawn.
type FilmConfig struct {
	// Width and Height are the size of the screen in cells; 0 means 120 × 36. The player needs 60 × 20, the stage alone 30 × 8; the
	// maximum is 400 × 200.
	Width, Height int

	StageOnly     bool       // no lists, lanes, header or footer around the stage
	Background    Background // BackgroundAuto means BackgroundDark
	ASCII         bool       // draw with ASCII characters only
	NoColor       bool       // show everything by glyphs and words
	ReducedMotion bool       // nothing slides
	Speed         float64    // playback speed; 0 means 1

	// Keys lists names of keys that a user presses, and pauses between them, such as "1.5s". A picture shows the effect of all of
	// them, starting paused at the film's position. An animation starts at the beginning, and lasts until they have been pressed.
	Keys []string
	// Driver lets Keys choose the schedule, from the beginning. Then the playback needs a Title but no events.
	Driver Driver
}

// A Film renders a playback without a terminal: a picture of any moment, or all of it as a terminal recording. It is drawn by the
// functions that draw the player, and depends on nothing but its events and its configuration, so the same film always produces
// the same bytes. Its methods must not be called concurrently.
//
// With Keys in its configuration, only the first call of a Write method shows their effect.
type Film struct {
	cfg   FilmConfig
	p     *player
	c     cells.Canvas
	shown *cells.Canvas // what was drawn last
	th    *cells.Theme

	plays  bool    // a picture shows the film as playing
	script *script // nil if there are no keys

	pageFrames int // the maximum number of frames in a page
}

// The sizes of films.
const (
	filmWidth, filmHeight = 120, 36
	stageWidth            = 30
	stageHeight           = 8
	maxFilmWidth          = 400
	maxFilmHeight         = 200
)

// NewFilm returns a film of pb, positioned at its end. It keeps the events of pb, which must not be modified afterwards. It
// returns an error if pb has no events or the size is out of range, and the cause of ctx if ctx ends first.
func NewFilm(ctx context.Context, pb *Playback, cfg FilmConfig) (*Film, error) {
	if len(pb.Events) == 0 && cfg.Driver == nil {
		return nil, errors.New("tui: there are no events to show")
	}
	if cfg.Width == 0 && cfg.Height == 0 {
		cfg.Width, cfg.Height = filmWidth, filmHeight
	}
	w, h := minWidth, minHeight
	if cfg.StageOnly {
		w, h = stageWidth, stageHeight
	}
	if cfg.Width < w || cfg.Height < h || cfg.Width > maxFilmWidth || cfg.Height > maxFilmHeight {
		return nil, fmt.Errorf("tui: size %d×%d is out of range, must be %d×%d … %d×%d", cfg.Width, cfg.Height, w, h, maxFilmWidth, maxFilmHeight)
	}
	if cfg.Background == BackgroundAuto {
		cfg.Background = BackgroundDark
	}
	f := &Film{cfg: cfg, th: newFilmTheme(&cfg), pageFrames: maxPageFrames}
	f.p = newPlayer(pb.Title, cfg.Speed, cfg.ReducedMotion)
	if err := f.p.open(ctx, pb); err != nil {
		return nil, err
	}
	f.p.playing = false
	f.p.seek(f.p.end())
	if len(cfg.Keys) == 0 && cfg.Driver == nil {
		return f, nil
	}
	if cfg.StageOnly {
		return nil, errors.New("tui: keys cannot be pressed if only the stage is drawn")
	}
	if err := f.scripted(ctx, pb.Title); err != nil {
		return nil, err
	}
	return f, nil
}

// events returns the number of events up to the film's position.
func (f *Film) events() int { return f.p.rec.Clock().Count(f.p.pos) }

// Trace returns the events up to the film's position, which must not be modified.
func (f *Film) Trace() []trace.Event { return f.p.rec.Timeline.Events()[:f.events()] }

// Begun reports whether Trace contains the trace from its beginning. The first events of a program that was watched for a long
// time are not kept; its film shows only the later ones.
func (f *Film) Begun() bool { return f.p.rec.Start == nil }

// WriteSVG writes a picture of the film's position to w. It looks the same in any monospaced font.
func (f *Film) WriteSVG(w io.Writer) error {
	if f.script != nil {
		f.script.all()
		f.p, f.script.pressed = f.script.m.player, ""
	}
	f.draw(f.plays && f.p.pos < f.p.end())
	title := fmt.Sprintf("%s, event %d of %d", cells.Clean(f.p.title), f.events(), f.p.rec.Len())
	if _, err := w.Write(cells.SVG(f.shown, f.th, title)); err != nil {
		return fmt.Errorf("tui: %w", err)
	}
	return nil
}

// draw draws the film at its position, as if it were playing or paused.
func (f *Film) draw(playing bool) {
	p := f.p
	if f.script != nil {
		f.shown = f.script.draw(f.cfg.Width, f.cfg.Height)
		return
	}
	f.shown = &f.c
	p.playing = playing
	defer func() { p.playing = false }()
	f.c.Reset(f.cfg.Width, f.cfg.Height)
	if f.cfg.StageOnly {
		p.slider.Draw(&f.c, p.scene(), cells.Area(0, 0, f.cfg.Width, f.cfg.Height), 0, p.rec.At)
		return
	}
	p.draw(&f.c, "", cells.StylePlain)
}

// newFilmTheme returns the theme of a film.
func newFilmTheme(cfg *FilmConfig) *cells.Theme {
	return cells.NewTheme(cfg.Background.palette(), cfg.ASCII, filmProfile(cfg.NoColor))
}

// filmProfile returns the color profile of a film.
func filmProfile(noColor bool) colorprofile.Profile {
	if noColor {
		return colorprofile.ASCII
	}
	return colorprofile.TrueColor
}
