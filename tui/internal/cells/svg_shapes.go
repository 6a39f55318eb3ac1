package cells

// A shape is the drawing of a character in a picture.
type shape struct {
	across bool // equal characters side by side are one shape, W pixels wide
	parts  []shapePart
}

// A shapePart is a path, relative to the upper left corner of the cell, and its style of drawing.
type shapePart struct{ path, how string }

// The styles of drawing.
const (
	area     = ""
	pale     = ` fill-opacity="0.25"`
	half     = ` fill-opacity="0.6"`
	thin     = ` fill="none" stroke="currentColor"`
	thick    = thin + ` stroke-width="3"`
	pen      = thin + ` stroke-width="1.8" stroke-linecap="round"`
	dots     = thin + ` stroke-dasharray="1.5 1.17"`
	dashes   = thick + ` stroke-dasharray="3 1.5"`
	ring     = "m1.1 9.5a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0 -6.8 0z"
	disc     = "m.9 9.5a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0 -7.2 0z"
	pip      = "m2.8 9.5a1.7 1.7 0 1 0 3.4 0a1.7 1.7 0 1 0 -3.4 0z"
	leftHalf = "m4.5 6.1a3.4 3.4 0 0 0 0 6.8z"
)

func drawnAs(how, path string) shape { return shape{parts: []shapePart{{path, how}}} }

func across(how, path string) shape { return shape{across: true, parts: []shapePart{{path, how}}} }

// shapes are the characters drawn without a font: frames and lanes, which must join, and signs, which some fonts lack.
var shapes = map[string]shape{
	"─": across(thin, "m0 9.5hW"), "│": drawnAs(thin, "m4.5 0v19"),
	"╭": drawnAs(thin, "m4.5 19v-5.5q0 -4 4 -4h.5"), "╮": drawnAs(thin, "m0 9.5h.5q4 0 4 4v5.5"),
	"╰": drawnAs(thin, "m4.5 0v5.5q0 4 4 4h.5"), "╯": drawnAs(thin, "m4.5 0v5.5q0 4 -4 4h-.5"),
	"╌": drawnAs(thin, "m1 9.5h2.5m2 0h2.5"), "╎": drawnAs(thin, "m4.5 2v6m0 3.5v6"),
	"═": across(thin, "m0 7.5hWm-W 4hW"), "║": drawnAs(thin, "m3 0v19m3 -19v19"),
	"╔": drawnAs(thin, "m3 19v-11.5h6m0 4h-3v7.5"), "╗": drawnAs(thin, "m0 7.5h6v11.5m-3 0v-7.5h-3"),
	"╚": drawnAs(thin, "m3 0v11.5h6m0 -4h-3v-7.5"), "╝": drawnAs(thin, "m6 0v11.5h-6m0 -4h3v-7.5"),
	"├": drawnAs(thin, "m4.5 0v19m0 -9.5h4.5"), "┤": drawnAs(thin, "m4.5 0v19m0 -9.5h-4.5"), "┼": drawnAs(thin, "m4.5 0v19m-4.5 -9.5h9"),
	"┬": drawnAs(thin, "m0 9.5h9m-4.5 0v9.5"), "┴": drawnAs(thin, "m0 9.5h9m-4.5 0v-9.5"),
	"╥": drawnAs(thin, "m0 9.5h9m-6 0v9.5m3 -9.5v9.5"), "╨": drawnAs(thin, "m0 9.5h9m-6 0v-9.5m3 9.5v-9.5"),
	"╴": drawnAs(thin, "m0 9.5h4.5"), "╶": drawnAs(thin, "m4.5 9.5h4.5"), "╷": drawnAs(thin, "m4.5 9.5v9.5"), "╵": drawnAs(thin, "m4.5 0v9.5"),
	"╱": drawnAs(thin, "m0 19l9 -19"), "╲": drawnAs(thin, "m0 0l9 19"), GateBroken: drawnAs(thin, "m0 0l9 19m-9 0l9 -19"),

	LaneRunning: across(thick, "m0 9.5hW"), LaneWaiting: across(dashes, "m.75 9.5hW"), LaneHolding: across(area, "m0 2.5hWv14h-Wz"),
	LaneStuck: across(half, "m0 2.5hWv14h-Wz"),
	"▁":       across(area, "m0 14.75hWv1.75h-Wz"), "▂": across(area, "m0 13hWv3.5h-Wz"), "▃": across(area, "m0 11.25hWv5.25h-Wz"), "▄": across(area, "m0 9.5hWv7h-Wz"),
	"▅": across(area, "m0 7.75hWv8.75h-Wz"), "▆": across(area, "m0 6hWv10.5h-Wz"), "▇": across(area, "m0 4.25hWv12.25h-Wz"),
	Playhead: drawnAs(area, "m3.5 0h2v19h-2z"), "░": across(pale, "m0 2.5hWv14h-Wz"),
	"▏": drawnAs(area, "m0 2.5h1.2v14h-1.2z"), "▕": drawnAs(area, "m7.8 2.5h1.2v14h-1.2z"),

	GlyphRunning: drawnAs(area, disc), GlyphWaiting: {parts: []shapePart{{ring, thin}, {leftHalf, area}}}, GlyphGaveUp: drawnAs(dots, ring),
	PermitUsed: drawnAs(thin, ring), PermitFree: {parts: []shapePart{{ring, thin}, {pip, area}}},
	GlyphHolding: drawnAs(area, "m4.5 4.9l4 4.6l-4 4.6l-4 -4.6z"), GlyphReleased: drawnAs(area, "m.3 5.4l8.4 4.1l-8.4 4.1l2 -4.1z"),
	GlyphTrouble: drawnAs(pen, "m1.6 6.3l5.8 6.6m0 -6.6l-5.8 6.6"), GlyphEnded: drawnAs(pen, "m1.2 9.8l2.4 3l4.4 -6.8"),

	"◂": drawnAs(area, "m7 6.2l-4.6 3.3l4.6 3.3z"), "◷": {parts: []shapePart{{ring, thin}, {"m4.5 6.1v3.4h-3.4", thin}}},
	"▶": drawnAs(area, "m1.2 5.2l7 4.3l-7 4.3z"), "▸": drawnAs(area, "m2.4 6.2l4.6 3.3l-4.6 3.3z"), "▾": drawnAs(area, "m1.4 7.2h6.2l-3.1 4.6z"),
	"▣": {parts: []shapePart{{"m1.3 6.3h6.4v6.4h-6.4z", thin}, {"m3.1 8.1h2.8v2.8h-2.8z", area}}},
	"■": drawnAs(area, "m1.3 6.3h6.4v6.4h-6.4z"), "‖": drawnAs(area, "m2 5.5h1.7v8h-1.7zm3.3 0h1.7v8h-1.7z"), "≡": drawnAs(thin, "m1.2 6.5h6.6m-6.6 3h6.6m-6.6 3h6.6"),
	"→": drawnAs(thin, "m.6 9.5h7.4m-3 -3l3 3l-3 3"), "←": drawnAs(thin, "m8.4 9.5h-7.4m3 -3l-3 3l3 3"),
	"↑": drawnAs(thin, "m4.5 14.5v-9.4m-3 3l3 -3l3 3"), "↓": drawnAs(thin, "m4.5 4.7v9.4m-3 -3l3 3l3 -3"),
	"↩": drawnAs(thin, "m1.4 8h4a2.6 2.6 0 0 1 0 5.2h-2.4m.9 -7.7l-2.5 2.5l2.5 2.5"),
}
