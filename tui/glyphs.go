package tui

// The characters of which everything is drawn. All are one cell wide. What stands for a state is also said in words
// wherever there is room, and never told by its colour alone.
const (
	glyphRunning  = "●"
	glyphWaiting  = "◐"
	glyphReleased = "➤"
	glyphHolding  = "◆"
	glyphGaveUp   = "◌"
	glyphTrouble  = "✗"
	glyphEnded    = "✓"

	laneRunning = "━"
	laneWaiting = "╍"
	laneHolding = "█"
	laneAbsent  = "·"
	playhead    = "┃"

	gateClosed = "║"
	gateBroken = "╳"
	permitFree = "◉"
	permitUsed = "○"
)

// A border is the edge of a box.
type border struct {
	top, side string
	corners   [4]string // upper left, upper right, lower left, lower right
}

var (
	round  = &border{"─", "│", [4]string{"╭", "╮", "╰", "╯"}}
	dashed = &border{"╌", "╎", [4]string{"╭", "╮", "╰", "╯"}}
	double = &border{"═", "║", [4]string{"╔", "╗", "╚", "╝"}}
)

// asciiFor says how to draw without anything but ASCII. What is not in it, such as a name, becomes "?".
var asciiFor = map[string]string{
	glyphRunning: "*", glyphWaiting: "o", glyphReleased: ">", glyphHolding: "#", glyphGaveUp: "-", glyphTrouble: "!", glyphEnded: ".",
	laneRunning: "=", laneWaiting: "~", laneHolding: "#", laneAbsent: ".", playhead: "|",
	gateClosed: "H", gateBroken: "X", permitFree: "@", permitUsed: "o",
	"─": "-", "│": "|", "╭": "+", "╮": "+", "╰": "+", "╯": "+", "╌": ".", "╎": ":",
	"═": "=", "╔": "+", "╗": "+", "╚": "+", "╝": "+",
	"├": "+", "┤": "+", "┼": "+", "┬": "+", "┴": "+", "╥": "T", "╨": "^", "╱": "/", "╲": "\\", "╴": "-", "╶": "-",
	"…": "~", "×": "x", "›": ">", "‹": "<", "←": "<", "→": ">", "↑": "^", "↓": "v", "↩": "<", "▸": ">", "▾": "v", "▶": ">", "■": "=", "‖": "|",
	"◷": "@", "◂": "<", "░": ".", "▒": ":", "▓": "#", "▏": "[", "▕": "]", "≡": "=", "−": "-", "–": "-", "—": "-", "“": "\"", "”": "\"", "’": "'", "µ": "u",
}

// ascii returns how to draw the character s, w cells wide, in ASCII.
func ascii(s string, wide bool) string {
	if s == "" || s[0] < 0x80 && len(s) == 1 {
		return s
	}
	if a, ok := asciiFor[s]; ok {
		return a
	}
	if wide {
		return "? "
	}
	return "?"
}

// glyphOf returns the glyph of a look and the style in which it is drawn.
func glyphOf(l look) (string, style) {
	switch l {
	case isWaiting:
		return glyphWaiting, waiting
	case isHolding:
		return glyphHolding, holding
	case isReleased:
		return glyphReleased, released
	case isGivingUp:
		return glyphGaveUp, trouble
	case isFailed:
		return glyphTrouble, trouble
	case isEnded:
		return glyphEnded, ended
	default:
		return glyphRunning, running
	}
}
