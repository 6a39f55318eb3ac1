package cells

// The characters that everything is drawn with. All are one cell wide. A state is also shown in words if there is room, and never
// only by a color.
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

// levels are bars of increasing height.
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

// asciiFor maps characters to ASCII. Any other character, such as one in a name, becomes "?".
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

// ASCII returns an ASCII substitute for the character s; wide reports whether it takes two cells.
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
