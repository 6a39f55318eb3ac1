// Package lanes draws the timeline: one lane per goroutine, with its past to the left of the playhead.
//
// [Lanes.Draw] draws a [scene.Scene]. What a Lanes keeps from one frame to the next is how the user looks at the timeline: which
// part is zoomed in on, on which axis, where the cursor is, and which groups are open.
//
// # Files
//
//   - The timeline, and the arrows from a goroutine to those it woke: lanes.go, arrows.go.
//   - Which goroutines get a lane if there is no room for all: choose.go.
//   - Time: axis.go, ruler.go, zoom.go.
package lanes
