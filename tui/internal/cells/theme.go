package cells

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/charmbracelet/colorprofile"
)

// A Style is the look of a cell: the role of its color, its background and its attributes. The theme turns it into an
// escape sequence, so drawing code never deals with colors.
type Style uint16

// The roles. The zero style is that of a blank.
const (
	StyleNone     Style = iota
	StylePlain          // most text
	StyleBright         // in focus, titles
	StyleDim            // of little weight
	StyleLine           // frames
	StyleAccent         // the product's own color
	StyleRunning        // green
	StyleWaiting        // amber
	StyleReleased       // between waiting and running
	StyleHolding        // blue
	StyleTrouble        // red
	StyleEnded          // dim

	styleRoles
)

// The backgrounds.
const (
	StyleOnSelected Style = (iota + 1) << bgShift // a selected line
	StyleOnBar                                    // the header and footer
	StyleOnTrouble                                // a sentence that must not be missed
)

// The attributes.
const (
	StyleBold Style = 1 << (attrShift + iota)
	styleFaint
	styleUnderline
	styleReverse
)

const (
	bgShift   = 5
	attrShift = 8
	fgMask    = Style(1)<<bgShift - 1
	bgMask    = Style(7) << bgShift
	attrMask  = Style(15) << attrShift
)

// Fg returns the role of s, without its background and attributes.
func (s Style) Fg() Style { return s & fgMask }
func (s Style) bg() Style { return s & bgMask }

// dimmed returns s for something that is not in focus. Without colors, faintness is all there is.
func (s Style) dimmed() Style {
	fg := StyleDim
	if s.Fg() == StyleLine {
		fg = StyleLine
	}
	return s&bgMask | fg | styleFaint
}

// A paint is a color in the ways in which terminals can show it.
type paint struct {
	rgb  uint32 // 0xrrggbb
	x256 uint8  // of 256; the nearest to rgb is not always the one that looks best beside the others
	ansi int    // 0 … 15, or own, or inverse
}

const (
	own     = -1 // the terminal's own color
	inverse = -2 // letters and ground change places, for grounds where 16 colors are too few
)

// darkPaints and lightPaints are the colors of the roles on a dark and on a light background.
var darkPaints = [styleRoles]paint{
	StylePlain: {0xccd0dc, 252, own}, StyleBright: {0xffffff, 231, 15}, StyleDim: {0x868ea0, 245, 8}, StyleLine: {0x4a5162, 240, 8}, StyleAccent: {0xc4a7ff, 183, 13},
	StyleRunning: {0x8fd17c, 114, 2}, StyleWaiting: {0xf0b455, 215, 3}, StyleReleased: {0x5fd7c4, 80, 14}, StyleHolding: {0x6cb2ff, 75, 12},
	StyleTrouble: {0xff6b70, 203, 9}, StyleEnded: {0x6b7282, 243, 8},
}

var lightPaints = [styleRoles]paint{
	StylePlain: {0x34373f, 237, own}, StyleBright: {0x000000, 232, 0}, StyleDim: {0x646a78, 242, 8}, StyleLine: {0xb4b8c2, 249, 7}, StyleAccent: {0x6b3fd4, 56, 5},
	StyleRunning: {0x23801f, 28, 2}, StyleWaiting: {0x9c5b00, 130, 3}, StyleReleased: {0x007f7a, 30, 6}, StyleHolding: {0x1a5fd0, 26, 4},
	StyleTrouble: {0xc8102e, 160, 1}, StyleEnded: {0x8b909c, 246, 8},
}

// safePaints are for a terminal that does not tell its background: text has the terminal's own color, bold where it is
// bright and faint where it is of little weight; only frames are gray, and what has a meaning has one of the sixteen colors
// that the terminal has chosen to go with its background.
var safePaints = [styleRoles]paint{
	StylePlain: {ansi: own}, StyleBright: {ansi: own}, StyleDim: {ansi: own}, StyleLine: {ansi: 8}, StyleAccent: {ansi: 5},
	StyleRunning: {ansi: 2}, StyleWaiting: {ansi: 3}, StyleReleased: {ansi: 6}, StyleHolding: {ansi: 4}, StyleTrouble: {ansi: 1}, StyleEnded: {ansi: own},
}

// highDarkPaints and highLightPaints are for those who see little, and for large rooms: what stands for something has seven
// times the luminance of the background or a seventh of it, as the guidelines for accessibility ask for, and frames
// have more than four times.
var highDarkPaints = [styleRoles]paint{
	StylePlain: {0xffffff, 231, 15}, StyleBright: {0xffffff, 231, 15}, StyleDim: {0xd8dce6, 253, 7}, StyleLine: {0x8a92a6, 246, 7}, StyleAccent: {0xd2bcff, 183, 13},
	StyleRunning: {0x9ff08a, 120, 10}, StyleWaiting: {0xffc861, 221, 11}, StyleReleased: {0x6ff0dc, 86, 14}, StyleHolding: {0x8cc8ff, 117, 12},
	StyleTrouble: {0xff9a9e, 217, 9}, StyleEnded: {0xc4cad8, 251, 7},
}

var highLightPaints = [styleRoles]paint{
	StylePlain: {0x000000, 16, 0}, StyleBright: {0x000000, 16, 0}, StyleDim: {0x2c303a, 236, 0}, StyleLine: {0x6a7080, 242, 8}, StyleAccent: {0x4a1fb0, 55, 5},
	StyleRunning: {0x0b5c0b, 22, 2}, StyleWaiting: {0x6b3d00, 94, 3}, StyleReleased: {0x00544f, 23, 6}, StyleHolding: {0x0a3f9e, 25, 4},
	StyleTrouble: {0x9c0020, 88, 1}, StyleEnded: {0x3c414c, 238, 0},
}

// darkGrounds and lightGrounds are the backgrounds, by their number less one.
var (
	darkGrounds  = [...]paint{{0x2e3547, 238, inverse}, {0x1f232d, 235, own}, {0x4a1c22, 52, inverse}}
	lightGrounds = [...]paint{{0xdbe2f4, 253, inverse}, {0xeceef2, 255, own}, {0xfbdfe2, 224, inverse}}
	safeGrounds  = [...]paint{{ansi: inverse}, {ansi: own}, {ansi: inverse}}
)

// darkPage and lightPage are what a picture stands on, where there is no terminal that has a ground.
const (
	darkPage  = "#14161c"
	lightPage = "#fcfcfa"
)

// A Theme turns styles into escape sequences, and into the inks of pictures.
type Theme struct {
	ascii   bool
	on      Palette
	high    bool // contrast
	paints  *[styleRoles]paint
	grounds []paint
	profile colorprofile.Profile
	vars    bool // colors of pictures are variables of a style sheet
	known   map[Style]string
}

// A Palette is a set of colors for a background.
type Palette uint8

// The palettes.
const (
	PaletteSafe  Palette = iota // for an unknown background
	PaletteDark                 // light letters
	PaletteLight                // dark letters
)

// NewTheme returns the theme for a terminal.
func NewTheme(on Palette, ascii bool, profile colorprofile.Profile) *Theme {
	th := &Theme{ascii: ascii, on: on, profile: profile, known: make(map[Style]string)}
	switch on {
	case PaletteDark:
		th.paints, th.grounds = &darkPaints, darkGrounds[:]
	case PaletteLight:
		th.paints, th.grounds = &lightPaints, lightGrounds[:]
	default:
		th.paints, th.grounds = &safePaints, safeGrounds[:]
	}
	return th
}

// variable returns th with variables of a style sheet for the colors of pictures, see [Sheet].
func (th *Theme) variable() *Theme {
	v := *th
	v.vars = true
	return &v
}

// Sheet returns the declarations of a style sheet for the variables of [LinesSVG] on a background.
func Sheet(on Palette) string {
	th := NewTheme(on, false, colorprofile.TrueColor)
	var b strings.Builder
	fmt.Fprintf(&b, "--page:%s;", th.page())
	for role := StylePlain; role < styleRoles; role++ {
		fmt.Fprintf(&b, "--c%d:#%06x;", role, th.paints[role].rgb)
	}
	for i, p := range th.grounds {
		fmt.Fprintf(&b, "--g%d:#%06x;", i+1, p.rgb)
	}
	return b.String()
}

// Contrast returns th with high contrast: nothing in it is faint.
func (th *Theme) Contrast() *Theme {
	high := &Theme{ascii: th.ascii, on: th.on, high: true, paints: th.paints, grounds: th.grounds, profile: th.profile, known: make(map[Style]string)}
	switch th.on {
	case PaletteDark:
		high.paints = &highDarkPaints
	case PaletteLight:
		high.paints = &highLightPaints
	default:
	}
	return high
}

// reversed is the parameter that lets letters and ground change places.
const reversed = ";7"

// sgr returns the sequence that sets exactly st.
func (th *Theme) sgr(st Style) string {
	s, ok := th.known[st]
	if !ok {
		s = th.sequence(st)
		th.known[st] = s
	}
	return s
}

func (th *Theme) sequence(st Style) string {
	if st == 0 {
		return "\x1b[m"
	}
	var b strings.Builder
	b.WriteString("\x1b[0")
	attrs := st & attrMask
	if th.on == PaletteSafe {
		switch st.Fg() {
		case StyleBright:
			attrs |= StyleBold
		case StyleDim, StyleEnded:
			attrs |= styleFaint
		default:
		}
	}
	if th.profile <= colorprofile.ASCII {
		attrs |= attrsWithoutColor(st)
	}
	if th.high && st&styleFaint == 0 { // but what is not in focus
		attrs &^= styleFaint
	}
	for i, code := range [...]string{";1", ";2", ";4", ";7"} {
		if attrs&(StyleBold<<i) != 0 {
			b.WriteString(code)
		}
	}
	ground := ""
	if bg := int(st.bg() >> bgShift); bg > 0 && bg <= len(th.grounds) {
		ground = th.color(th.grounds[bg-1], 40)
	}
	fg := st.Fg()
	if ground == reversed { // the color of the letters is that of the ground, which is one
		fg = StyleNone
		if st.bg() == StyleOnTrouble {
			fg = StyleTrouble
		}
	}
	if fg != StyleNone && fg < styleRoles {
		b.WriteString(th.color(th.paints[fg], 30))
	}
	b.WriteString(ground)
	b.WriteByte('m')
	return b.String()
}

// attrsWithoutColor returns the attributes that stand for colors where there are none.
func attrsWithoutColor(st Style) Style {
	var attrs Style
	switch st.Fg() {
	case StyleBright, StyleTrouble:
		attrs = StyleBold
	case StyleDim, StyleLine, StyleEnded:
		attrs = styleFaint
	default:
	}
	if bg := st.bg(); bg == StyleOnSelected || bg == StyleOnTrouble {
		attrs |= styleReverse
	}
	return attrs
}

// color returns the parameters that select p; base is 30 for letters and 40 for the ground.
func (th *Theme) color(p paint, base int) string {
	switch {
	case th.profile <= colorprofile.ASCII:
		return ""
	case p.rgb == 0 && p.x256 == 0: // one of the sixteen
	case th.profile == colorprofile.ANSI256:
		return fmt.Sprintf(";%d;5;%d", base+8, p.x256)
	case th.profile >= colorprofile.TrueColor:
		return fmt.Sprintf(";%d;2;%d;%d;%d", base+8, p.rgb>>16, p.rgb>>8&0xff, p.rgb&0xff)
	}
	switch {
	case p.ansi == inverse:
		return reversed
	case p.ansi == own:
		return ""
	case p.ansi < 8:
		return ";" + strconv.Itoa(base+p.ansi)
	default:
		return ";" + strconv.Itoa(base+60+p.ansi-8)
	}
}

// page returns the ground of a picture.
func (th *Theme) page() string {
	if th.vars {
		return "var(--page)"
	}
	if th.on == PaletteLight {
		return lightPage
	}
	return darkPage
}

// ink returns how st looks in a picture.
func (th *Theme) ink(st Style) ink {
	hex := func(p paint) string { return fmt.Sprintf("#%06x", p.rgb) }
	attrs := st & attrMask
	role := st.Fg()
	if role == StyleNone || role >= styleRoles {
		role = StylePlain
	}
	k := ink{}
	if bg := int(st.bg() >> bgShift); bg > 0 && bg <= len(th.grounds) {
		k.ground = hex(th.grounds[bg-1])
		if th.vars {
			k.ground = fmt.Sprintf("var(--g%d)", bg)
		}
	}
	if th.profile <= colorprofile.ASCII {
		attrs |= attrsWithoutColor(st)
		role, k.ground = StylePlain, ""
	}
	if k.color = hex(th.paints[role]); th.vars {
		k.color = fmt.Sprintf("var(--c%d)", role)
	}
	k.bold, k.faint = attrs&StyleBold != 0, attrs&styleFaint != 0
	if attrs&styleReverse != 0 {
		k.color, k.ground = th.page(), k.color
	}
	return k
}
