package cells

// The characters of which everything is drawn. All are one cell wide. What stands for a state is also said in words
// wherever there is room, and never told by its colour alone.
const (
	GlyphRunning  = "●"
	GlyphWaiting  = "◐"
	GlyphReleased = "➤"
	GlyphHolding  = "◆"
	GlyphGaveUp   = "◌"
	GlyphTrouble  = "✗"
	GlyphEnded    = "✓"

	LaneRunning = "━"
	LaneWaiting = "╍"
	LaneHolding = "█"
	LaneAbsent  = "·"
	Playhead    = "┃"

	GateClosed = "║"
	GateBroken = "╳"
	PermitFree = "◉"
	PermitUsed = "○"
)

// A Border is the edge of a box.
type Border struct {
	top, side string
	corners   [4]string // upper left, upper right, lower left, lower right
}

// The borders.
var (
	Round  = &Border{"─", "│", [4]string{"╭", "╮", "╰", "╯"}}
	Dashed = &Border{"╌", "╎", [4]string{"╭", "╮", "╰", "╯"}}
	Double = &Border{"═", "║", [4]string{"╔", "╗", "╚", "╝"}}
)

// asciiFor says how to draw without anything but ASCII. What is not in it, such as a name, becomes "?".
var asciiFor = map[string]string{
	GlyphRunning: "*", GlyphWaiting: "o", GlyphReleased: ">", GlyphHolding: "#", GlyphGaveUp: "-", GlyphTrouble: "!", GlyphEnded: ".",
	LaneRunning: "=", LaneWaiting: "~", LaneHolding: "#", LaneAbsent: ".", Playhead: "|",
	GateClosed: "H", GateBroken: "X", PermitFree: "@", PermitUsed: "o",
	"─": "-", "│": "|", "╭": "+", "╮": "+", "╰": "+", "╯": "+", "╌": ".", "╎": ":",
	"═": "=", "╔": "+", "╗": "+", "╚": "+", "╝": "+",
	"├": "+", "┤": "+", "┼": "+", "┬": "+", "┴": "+", "╥": "T", "╨": "^", "╱": "/", "╲": "\\", "╴": "-", "╶": "-",
	"…": "~", "×": "x", "›": ">", "‹": "<", "←": "<", "→": ">", "↑": "^", "↓": "v", "↩": "<", "▸": ">", "▾": "v", "▶": ">", "■": "=", "‖": "|",
	"◷": "@", "◂": "<", "░": ".", "▒": ":", "▓": "#", "▏": "[", "▕": "]", "≡": "=", "−": "-", "–": "-", "—": "-", "“": "\"", "”": "\"", "’": "'", "µ": "u",
}

// ASCII returns how to draw the character s, w cells wide, in ASCII.
func ASCII(s string, wide bool) string {
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
