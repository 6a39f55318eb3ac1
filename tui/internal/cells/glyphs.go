package cells

// The characters of which everything is drawn. All are one cell wide. A state is also given in words wherever there
// is room, and never by color alone.
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
	LaneStuck   = "▒" // waits and holds something
	Playhead    = "┃"

	GateClosed = "║"
	GateBroken = "╳"
	PermitFree = "◉"
	PermitUsed = "○"

	Mark = "▸"
)

// levels are bars of growing height.
var levels = [...]string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}

// Level returns a bar whose height shows the ratio of n to all; even the smallest ratio is visible.
func Level(n, all int) string {
	if all <= 0 || n <= 0 {
		return " "
	}
	return levels[min((n*len(levels)+all-1)/all, len(levels))-1]
}

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
	"≤": "<",
	"═": "=", "╔": "+", "╗": "+", "╚": "+", "╝": "+",
	"├": "+", "┤": "+", "┼": "+", "┬": "+", "┴": "+", "╥": "T", "╨": "^", "╱": "/", "╲": "\\", "╴": "-", "╶": "-", "╷": "|", "╵": "|", "▣": "#",
	"…": "~", "×": "x", "›": ">", "‹": "<", "←": "<", "→": ">", "↑": "^", "↓": "v", "↩": "<", "▸": ">", "▾": "v", "▶": ">", "■": "=", "‖": "|",
	"◷": "@", "◂": "<", "░": ".", LaneStuck: "%", "▓": "#",
	"▁": "1", "▂": "2", "▃": "3", "▄": "4", "▅": "5", "▆": "6", "▇": "7", "▏": "[", "▕": "]", "≡": "=", "−": "-", "–": "-", "—": "-", "“": "\"", "”": "\"", "’": "'", "µ": "u",
}

// ASCII returns an ASCII representation of the character s; wide says whether it takes two cells.
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
