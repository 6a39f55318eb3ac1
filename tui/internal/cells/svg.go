package cells

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A picture must look the same everywhere, whatever fonts are installed. So it is drawn on a grid of fixed cells: frames, lanes
// and signs are drawn as lines and areas, which join, and each word is placed at its column and stretched to its exact length.

// The dimensions of a picture, in pixels. The letters of most monospaced fonts are 0.602 times as wide as high.
const (
	CellWidth, cellH = 9, 19
	baseline         = 14 // from the top of a line
	fontSize         = "14.95px"
	margin           = 12
	fonts            = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
)

// An svg makes a picture of a canvas.
type svg struct {
	c      *Canvas
	top    int // the first line to draw
	th     *Theme
	title  string
	layers map[ink]*layer
	under  bytes.Buffer // the backgrounds
	lean   bool         // as short as possible: inks are classes, and words are not stretched
}

// A layer is everything drawn in one ink.
type layer struct {
	paths map[string]*bytes.Buffer // by style of drawing
	text  bytes.Buffer
}

// picture returns the canvas as an SVG document.
func (s *svg) picture() []byte {
	s.layers = make(map[ink]*layer)
	for y := range s.c.H {
		s.grounds(y)
		s.line(y)
	}
	w, h := s.c.W*CellWidth+2*margin, s.c.H*cellH+2*margin
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+"\n", w, h, w, h)
	fmt.Fprintf(&b, "<title>%s</title>\n", escaped(s.title))
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="%s"/>`+"\n", w, h, s.th.page())
	fmt.Fprintf(&b, `<g transform="translate(%d %d)" font-family="%s" font-size="%s" stroke-width="1.2">`+"\n", margin, margin, fonts, fontSize)
	for _, p := range s.parts() {
		b.WriteString(p)
	}
	b.WriteString("</g>\n</svg>\n")
	return b.Bytes()
}

// parts returns the layers, in an order that depends only on the picture.
func (s *svg) parts() (parts []string) {
	if s.under.Len() > 0 {
		parts = append(parts, s.under.String())
	}
	inks := slices.SortedFunc(maps.Keys(s.layers), func(a, b ink) int { return strings.Compare(a.open(), b.open()) })
	for _, k := range inks {
		l := s.layers[k]
		var b strings.Builder
		open := k.open()
		if s.lean {
			open = k.class()
		}
		b.WriteString(open + "\n")
		for _, how := range slices.Sorted(maps.Keys(l.paths)) {
			if i := slices.Index(hows, how); s.lean && i >= 0 {
				fmt.Fprintf(&b, `<path d="%s" class="p%d"/>`+"\n", l.paths[how], i)
				continue
			}
			fmt.Fprintf(&b, `<path d="%s"%s/>`+"\n", l.paths[how], how)
		}
		b.Write(l.text.Bytes())
		b.WriteString("</g>\n")
		parts = append(parts, b.String())
	}
	return parts
}

// LinesSVG returns each line of c as a fragment of an SVG document, with its upper left corner at the origin, and the width and
// height of all lines together. Its colors are variables of a style sheet that [Sheet] returns.
func LinesSVG(c *Canvas, th *Theme) (lines []string, w, h int) {
	for _, parts := range partsSVG(c, th, false) {
		lines = append(lines, strings.Join(parts, ""))
	}
	return lines, c.W * CellWidth, c.H * cellH
}

// partsSVG returns each line of c in parts: its backgrounds, and then one part for each ink. If lean is true, the parts are for a
// [Moving], where they are as short as possible.
func partsSVG(c *Canvas, th *Theme, lean bool) (lines [][]string) {
	th = th.variable()
	for y := range c.H {
		s := svg{c: c, th: th, top: y, layers: make(map[ink]*layer), lean: lean}
		s.grounds(y)
		s.line(y)
		lines = append(lines, s.parts())
	}
	return lines
}

// hows are the styles of drawing that have classes in an animated document.
var hows = []string{thin, thick, pen, dots, dashes, pale, half}

// class is like open, for an animated document.
func (k ink) class() string {
	names := strings.TrimSuffix(strings.TrimPrefix(k.color, "var(--"), ")")
	if k.bold {
		names += " b"
	}
	if k.faint {
		names += " t"
	}
	return `<g class="` + names + `">`
}

// classes returns the style sheet for the classes of inks.
func classes() string {
	var b strings.Builder
	for role := range styleRoles {
		fmt.Fprintf(&b, ".c%d{fill:var(--c%d);color:var(--c%d)}", role, role, role)
	}
	b.WriteString(".b{font-weight:bold}.t{opacity:.6}\n")
	for i, how := range hows { // how is any number of ` name="value"`
		fmt.Fprintf(&b, ".p%d{%s}", i, strings.NewReplacer(`="`, ":", `" `, ";", `"`, "").Replace(strings.TrimSpace(how)))
	}
	b.WriteByte('\n')
	return b.String()
}

// LineHeight is the distance between the lines of [LinesSVG], and Letters are the attributes of a group that contains them.
const (
	LineHeight = cellH
	Letters    = `font-family="` + fonts + `" font-size="` + fontSize + `" stroke-width="1.2"`
)

// movingSVG writes an animated SVG document of the given size to b: body writes its body, made of the fragments of partsSVG,
// and the style sheet animates it. Its colors are those for background on, or those that the viewer prefers.
func movingSVG(b io.StringWriter, width, height int, title string, on Palette, sheet string, body func()) {
	w, h := width+2*margin, height+2*margin
	prefers, other := "light", PaletteLight
	if on == PaletteLight {
		prefers, other = "dark", PaletteDark
	}
	_, _ = b.WriteString(fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+"\n", w, h, w, h) +
		fmt.Sprintf("<title>%s</title>\n<style>\nsvg{%s}\n@media (prefers-color-scheme:%s){svg{%s}}\n%s</style>\n", escaped(title), Sheet(on), prefers, Sheet(other), classes()+sheet) +
		fmt.Sprintf(`<rect width="%d" height="%d" rx="8" fill="var(--page)"/>`+"\n", w, h) +
		fmt.Sprintf(`<g transform="translate(%d %d)" %s>`+"\n", margin, margin, Letters))
	body()
	_, _ = b.WriteString("</g>\n</svg>\n")
}

// grounds draws the backgrounds of line y.
func (s *svg) grounds(y int) {
	for x := 0; x < s.c.W; {
		ground := s.th.ink(s.at(x, y).st).ground
		n := 1
		for x+n < s.c.W && s.th.ink(s.at(x+n, y).st).ground == ground {
			n++
		}
		if ground != "" {
			fmt.Fprintf(&s.under, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", x*CellWidth, (y-s.top)*cellH, n*CellWidth, cellH, ground)
		}
		x += n
	}
}

func (s *svg) at(x, y int) Cell { return s.c.cells[y*s.c.W+x] }

// line draws the characters of line y.
func (s *svg) line(y int) {
	for x := 0; x < s.c.W; {
		l := s.at(x, y)
		var n int
		switch sh, ok := shapes[l.S]; {
		case l.S == " " || l.S == "":
			n = 1
		case ok && !s.th.ascii:
			n = s.shape(x, y, sh)
		default:
			n = s.word(x, y)
		}
		x += n
	}
}

// layer returns the layer for the style st.
func (s *svg) layer(st Style) *layer {
	k := s.th.ink(st)
	k.ground = ""
	l := s.layers[k]
	if l == nil {
		l = &layer{paths: make(map[string]*bytes.Buffer)}
		s.layers[k] = l
	}
	return l
}

// shape draws the character at x, y as a shape, together with equal ones after it if they join. It returns the number of cells
// drawn.
func (s *svg) shape(x, y int, sh shape) int {
	l, n := s.at(x, y), 1
	for sh.across && x+n < s.c.W && s.at(x+n, y) == l {
		n++
	}
	paths, length := s.layer(l.st).paths, strconv.Itoa(n*CellWidth)
	for _, part := range sh.parts {
		if paths[part.how] == nil {
			paths[part.how] = new(bytes.Buffer)
		}
		fmt.Fprintf(paths[part.how], "M%d %d%s", x*CellWidth, (y-s.top)*cellH, strings.ReplaceAll(part.path, "W", length))
	}
	return n
}

// word draws the text at x, y up to where its look changes, including single blanks. It returns the number of cells drawn.
func (s *svg) word(x, y int) int {
	st := s.at(x, y).st
	ink := s.th.ink(st)
	var text strings.Builder
	n, end := 0, 0
	for x+n < s.c.W {
		l := s.at(x+n, y)
		_, drawn := shapes[l.S]
		blank := l.S == " " && n > 0 && s.at(x+n-1, y).S != " "
		if s.th.ascii {
			drawn, l.S = false, ASCII(l.S, x+n+1 < s.c.W && s.at(x+n+1, y).S == "")
		}
		if drawn || l.S == " " && !blank || l.S != " " && s.th.ink(l.st) != ink {
			break
		}
		text.WriteString(l.S)
		if n++; l.S != " " {
			end = n
		}
	}
	word := strings.TrimRight(text.String(), " ")
	attr := ""
	switch {
	case end > 1 && s.lean:
		attr = fmt.Sprintf(` textLength="%d"`, end*CellWidth)
	case end > 1:
		attr = fmt.Sprintf(` textLength="%d" lengthAdjust="spacingAndGlyphs"`, end*CellWidth)
	}
	fmt.Fprintf(&s.layer(st).text, `<text x="%d" y="%d"%s>%s</text>`+"\n", x*CellWidth, (y-s.top)*cellH+baseline, attr, escaped(word))
	return end
}

// SVG returns c as an SVG document.
func SVG(c *Canvas, th *Theme, title string) []byte {
	s := svg{c: c, th: th, title: title}
	return s.picture()
}

// escaped returns s escaped for SVG.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder never fails
	return b.String()
}

// An ink is the look of something in a picture: its color, its background ("" is that of the page), and whether it is bold or
// faint.
type ink struct {
	color, ground string
	bold, faint   bool
}

// open returns the opening tag of a group in the ink.
func (k ink) open() string {
	attrs := ` fill="` + k.color + `" stroke="none"`
	if k.bold {
		attrs += ` font-weight="bold"`
	}
	if k.faint {
		attrs += ` opacity="0.6"`
	}
	return "<g" + attrs + ` color="` + k.color + `">`
}
