package cells

import (
	"bufio"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// An Asciicast writes a terminal recording: an asciicast of version 2. It writes only the changes of each frame.
type Asciicast struct {
	w    *json.Encoder
	rows [][]Cell
}

// NewAsciicast returns an Asciicast that writes to w, and writes the header. Errors are left to w, which must keep them.
func NewAsciicast(w *bufio.Writer, width, height int, title string) *Asciicast {
	ca := &Asciicast{w: json.NewEncoder(w)}
	ca.w.SetEscapeHTML(false)
	_ = ca.w.Encode(struct {
		Version int    `json:"version"`
		Width   int    `json:"width"`
		Height  int    `json:"height"`
		Title   string `json:"title"`
	}{2, width, height, title})
	return ca
}

// Frame writes c as the frame at time at.
func (ca *Asciicast) Frame(at time.Duration, c *Canvas, th *Theme) {
	var out strings.Builder
	if ca.rows == nil {
		out.WriteString("\x1b[?25l\x1b[2J") // without a cursor, on a blank screen
		for range c.H {
			ca.rows = append(ca.rows, slices.Repeat([]Cell{{S: " "}}, c.W))
		}
	}
	for y, was := range ca.rows {
		if x, end := changed(was, c.Row(y)); x < end {
			fmt.Fprintf(&out, "\x1b[%d;%dH%s", y+1, x+1, c.RenderPart(th, y, x, end))
			copy(was, c.Row(y))
		}
	}
	if out.Len() > 0 {
		ca.put(at, out.String())
	}
}

// changed returns the range of cells in which a and b, which have the same length, differ. It does not split wide characters.
func changed(a, b []Cell) (from, to int) {
	for from < len(b) && a[from] == b[from] {
		from++
	}
	to = len(b)
	for to > from && a[to-1] == b[to-1] {
		to--
	}
	for from > 0 && from < to && (a[from].S == "" || b[from].S == "") {
		from--
	}
	for to < len(b) && (a[to].S == "" || b[to].S == "") {
		to++
	}
	return from, to
}

// End ends the recording at time at, up to which the last frame is shown.
func (ca *Asciicast) End(at time.Duration) { ca.put(at, "") }

// put writes the output at time at.
func (ca *Asciicast) put(at time.Duration, text string) {
	_ = ca.w.Encode([]any{json.Number(fmt.Sprintf("%.3f", at.Seconds())), "o", text}) // errors are kept by the writer
}
