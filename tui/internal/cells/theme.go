package cells

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/charmbracelet/colorprofile"
)

// A Style is the look of a cell: the role of its color, its background and its attributes. The theme translates it into an escape
// sequence, so drawing code never deals with colors.
type Style uint16

// The roles. The zero Style is that of a blank.
const (
	StyleNone     Style = iota
	StylePlain          // most text
	StyleBright         // in focus, titles
	StyleDim            // less important
	StyleLine           // frames
	StyleAccent         // the color of the product
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
	StyleOnTrouble                                // a warning that must not be missed
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

// dimmed returns s for something out of focus. Without colors, only faintness distinguishes it.
func (s Style) dimmed() Style {
	fg := StyleDim
	if s.Fg() == StyleLine {
		fg = StyleLine
	}
	return s&bgMask | fg | styleFaint
}

// A paint is a color in the forms that terminals support.
type paint struct {
	rgb  uint32 // 0xrrggbb
	x256 uint8  // one of 256; not always the nearest to rgb, but the one that looks best beside the others
	ansi int    // 0 … 15, or own, or inverse
}

const (
	own     = -1 // the default color of the terminal
	inverse = -2 // swap foreground and background, where 16 colors are not enough
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

// safePaints are for a terminal whose background is unknown: text has the terminal's default color, and is bold or faint by
// importance; frames are gray; everything with a meaning has one of the terminal's sixteen colors, which suit its background.
var safePaints = [styleRoles]paint{
	StylePlain: {ansi: own}, StyleBright: {ansi: own}, StyleDim: {ansi: own}, StyleLine: {ansi: 8}, StyleAccent: {ansi: 5},
	StyleRunning: {ansi: 2}, StyleWaiting: {ansi: 3}, StyleReleased: {ansi: 6}, StyleHolding: {ansi: 4}, StyleTrouble: {ansi: 1}, StyleEnded: {ansi: own},
}

// highDarkPaints and highLightPaints are for users with low vision, and for large rooms: whatever has a meaning has a contrast of
// at least 7:1 to the background, as accessibility guidelines require, and frames have more than 4:1.
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

// darkGrounds and lightGrounds are the backgrounds, indexed by their number minus one.
var (
	darkGrounds  = [...]paint{{0x2e3547, 238, inverse}, {0x1f232d, 235, own}, {0x4a1c22, 52, inverse}}
	lightGrounds = [...]paint{{0xdbe2f4, 253, inverse}, {0xeceef2, 255, own}, {0xfbdfe2, 224, inverse}}
	safeGrounds  = [...]paint{{ansi: inverse}, {ansi: own}, {ansi: inverse}}
)

// darkPage and lightPage are the backgrounds of pictures.
const (
	darkPage  = "#14161c"
	lightPage = "#fcfcfa"
)

// A Theme translates styles into escape sequences, and into the inks of pictures.
type Theme struct {
	ascii   bool
	on      Palette
	high    bool // high contrast
	paints  *[styleRoles]paint
	grounds []paint
	profile colorprofile.Profile
	vars    bool // the colors of pictures are variables of a style sheet
	known   map[Style]string
}

// A Palette is a set of colors for a background.
type Palette uint8

// The palettes.
const (
	PaletteSafe  Palette = iota // for an unknown background
	PaletteDark                 // text is light
	PaletteLight                // text is dark
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

// variable returns a copy of th in which the colors of pictures are variables, see [Sheet].
func (th *Theme) variable() *Theme {
	v := *th
	v.vars = true
	return &v
}

// Sheet returns the declarations of the variables of [LinesSVG] for a background.
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

// Contrast returns a copy of th with high contrast: nothing in it is faint.
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

// reversed is the parameter that swaps foreground and background.
const reversed = ";7"

// sgr returns the sequence that sets the style st.
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
	if th.high && st&styleFaint == 0 { // except out of focus
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
	if ground == reversed { // after the swap, the foreground is the background
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

// attrsWithoutColor returns the attributes that replace colors where there are none.
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

// color returns the parameters that select p; base is 30 for the foreground and 40 for the background.
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

// page returns the background of a picture.
func (th *Theme) page() string {
	if th.vars {
		return "var(--page)"
	}
	if th.on == PaletteLight {
		return lightPage
	}
	return darkPage
}

// ink returns the look of st in a picture.
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
