package cells

import (
	"bufio"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Moving collects the frames of an animated picture: fragments of SVG, where they are shown, and when. The zero Moving has no frames.
type Moving struct {
	w, h   int
	frames int
	known  map[string]int // the number of each fragment
	texts  []string
	pieces map[pieceAt]*piece
	all    []*piece // in order of appearance
}

// A pieceAt is a fragment in a line.
type pieceAt struct{ y, text int }

// A piece is a fragment in a line, and when it is visible: from times[0] to times[1], from times[2] to times[3] and so on.
type piece struct {
	pieceAt
	times []time.Duration
	seen  int // the last frame that contains it, from 1
}

// Frame adds c as the frame at time at, which must increase from frame to frame. All frames must have the same size.
func (mv *Moving) Frame(at time.Duration, c *Canvas, th *Theme) {
	if mv.known == nil {
		mv.known, mv.pieces = make(map[string]int), make(map[pieceAt]*piece)
	}
	mv.w, mv.h = c.W*CellWidth, c.H*cellH
	mv.frames++
	for y, parts := range partsSVG(c, th, true) {
		for _, text := range parts {
			n, ok := mv.known[text]
			if !ok {
				n = len(mv.texts)
				mv.known[text] = n
				mv.texts = append(mv.texts, text)
			}
			pc := mv.pieces[pieceAt{y, n}]
			if pc == nil {
				pc = &piece{pieceAt: pieceAt{y, n}}
				mv.pieces[pc.pieceAt] = pc
				mv.all = append(mv.all, pc)
			}
			if pc.seen = mv.frames; len(pc.times)%2 == 0 {
				pc.times = append(pc.times, at)
			}
		}
	}
	for _, pc := range mv.all {
		if pc.seen != mv.frames && len(pc.times)%2 == 1 {
			pc.times = append(pc.times, at)
		}
	}
}

// Write writes the picture, an animation that lasts long and repeats, to b. Its colors are those for background on, or those that the
// viewer prefers.
func (mv *Moving) Write(b *bufio.Writer, long time.Duration, title string, on Palette) {
	isGround := func(pc *piece) bool { return strings.HasPrefix(mv.texts[pc.text], "<rect") }
	slices.SortStableFunc(mv.all, func(a, b *piece) int { // backgrounds are below all others
		switch x, y := isGround(a), isGround(b); {
		case x == y:
			return 0
		case x:
			return -1
		default:
			return 1
		}
	})
	var uses, styles strings.Builder
	classes := make(map[string]int)
	for _, pc := range mv.all {
		class := ""
		if len(pc.times) > 1 || pc.times[0] > 0 {
			frames := pc.keyframes(long)
			n, ok := classes[frames]
			if !ok {
				n = len(classes)
				classes[frames] = n
				fmt.Fprintf(&styles, "@keyframes k%d{%s}\n.k%d{animation-name:k%d}\n", n, frames, n, n)
			}
			class = fmt.Sprintf(` class="k%d"`, n)
			if len(pc.times)%2 == 1 { // it is visible at the end
				class = fmt.Sprintf(` class="k%d e"`, n)
			}
		}
		fmt.Fprintf(&uses, `<use href="#f%d" y="%d"%s/>`+"\n", pc.text, pc.y*LineHeight, class)
	}
	sheet := fmt.Sprintf("use{animation:%.1fs step-end infinite}\nuse[class]{visibility:hidden}\nuse.e{visibility:visible}\n@media (prefers-reduced-motion:reduce){use{animation:none}}\n%s", long.Seconds(), styles.String())
	movingSVG(b, mv.w, mv.h, title, on, sheet, func() {
		fmt.Fprintln(b, "<defs>")
		for i, text := range mv.texts {
			if group, ok := strings.CutPrefix(text, "<g "); ok {
				fmt.Fprintf(b, "<g id=\"f%d\" %s", i, group)
				continue
			}
			fmt.Fprintf(b, "<g id=\"f%d\">%s</g>\n", i, text)
		}
		fmt.Fprintf(b, "</defs>\n%s", uses.String())
	})
}

// keyframes returns the times at which pc is visible, as the keyframes of a style sheet.
func (pc *piece) keyframes(long time.Duration) string {
	var b strings.Builder
	if pc.times[0] > 0 {
		b.WriteString("0%{visibility:hidden}")
	}
	for i, at := range pc.times {
		sight := "visible"
		if i%2 == 1 {
			sight = "hidden"
		}
		fmt.Fprintf(&b, "%s%%{visibility:%s}", strconv.FormatFloat(math.Round(1e5*at.Seconds()/long.Seconds())/1e3, 'f', -1, 64), sight)
	}
	return b.String()
}
