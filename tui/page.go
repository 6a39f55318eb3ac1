package tui

import (
	"context"
	_ "embed" // for the page
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

//go:embed page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// maxPageFrames is the maximum number of frames in a page. In a longer film, each frame stands for several events.
const maxPageFrames = 5000

// A page is the data of the template.
type page struct {
	Title         string
	Note          string
	W, H          int
	Letters       template.HTMLAttr
	Other         string // the background that the reader can switch to
	First, Second template.CSS
	Dark, Light   template.CSS
	Data          *pageData
}

// pageData is what the script of the page plays.
type pageData struct {
	Rows      int         `json:"rows"`
	Height    int         `json:"height"` // of a row
	Events    int         `json:"events"`
	Fragments []string    `json:"fragments"`
	Frames    []pageFrame `json:"frames"`
}

// A pageFrame is a frame of the page, shown from time T on, after event N.
type pageFrame struct {
	T     int64  `json:"t"` // in milliseconds of play time
	N     int    `json:"n"`
	Said  string `json:"said"`  // describes the event
	Lines []int  `json:"lines"` // pairs of a line that changes and the number of its fragment
}

// WriteHTML writes the film, from its beginning to its position, to w as a page that plays it, forward and backward, in the
// reader's preferred colors. The page is a single file and loads nothing. It shows the stage at rest after each event; if there
// are more than 5000 events, only after every few of them, and says so. WriteHTML ends early, with the cause of ctx, when ctx
// ends.
func (f *Film) WriteHTML(ctx context.Context, w io.Writer) error {
	p, to := f.p, f.events()
	at := p.pos
	p.page = true
	defer func() { p.page = false; p.seek(at) }()
	per := max(1, (to+f.pageFrames-1)/f.pageFrames)
	data := pageData{Rows: f.cfg.Height, Height: cells.LineHeight, Events: p.rec.Len()}
	known := make(map[string]int)
	var shown []int
	var width, height int
	for n := 0; n <= to; n++ {
		if n%per != 0 && n != to || n > 0 && n < to && !p.tells(n) {
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		p.seek(p.rec.Clock().PosOf(n))
		f.draw(n < p.rec.Len())
		lines, wide, high := cells.LinesSVG(f.shown, f.th)
		width, height = wide, high
		frame := pageFrame{T: int64(p.pos / time.Millisecond), N: n, Said: f.said(n)}
		for y, l := range lines {
			i, ok := known[l]
			if !ok {
				i = len(data.Fragments)
				known[l] = i
				data.Fragments = append(data.Fragments, l)
			}
			if y >= len(shown) {
				shown = append(shown, -1)
			}
			if shown[y] != i {
				shown[y] = i
				frame.Lines = append(frame.Lines, y, i)
			}
		}
		data.Frames = append(data.Frames, frame)
	}
	pg := page{
		Title: "turnstile › " + cells.Clean(p.title), W: width, H: height, Letters: cells.Letters,
		Other: "light", First: template.CSS(cells.Sheet(cells.PaletteDark)), Second: template.CSS(cells.Sheet(cells.PaletteLight)), //nolint:gosec // they are ours
		Data: &data,
	}
	pg.Dark, pg.Light = pg.First, pg.Second
	if f.cfg.Background == BackgroundLight {
		pg.Other, pg.First, pg.Second = "dark", pg.Second, pg.First
	}
	if per > 1 {
		pg.Note = fmt.Sprintf("Each step is %d events.", per)
	}
	if err := pageTemplate.Execute(w, pg); err != nil {
		return fmt.Errorf("tui: %w", err)
	}
	return nil
}

// said describes event n.
func (f *Film) said(n int) string {
	if n == 0 {
		return ""
	}
	f.p.rec.Seek(n - 1)
	ev := f.p.rec.Timeline.Event(n - 1)
	who, what := f.p.rec.Now().Words().Event(ev)
	return strings.TrimSpace(cells.Clean(who) + " " + cells.Clean(what))
}

// tells reports whether event n, counted from 1, changes what is visible.
func (p *player) tells(n int) bool {
	ev := p.rec.Timeline.Event(n - 1)
	return p.rec.Tells(&ev)
}
