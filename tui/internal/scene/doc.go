// Package scene says what to draw at each moment of a recording. It draws nothing itself.
//
// A [Reel] holds the events, which may still be coming in. Its [Clock] spreads them over play time, so that each can be seen, and
// its [History] is what each goroutine looked like since the beginning. [Reel.Scene] returns the [Scene] at a position: one
// [timeline.State] with all that a view needs besides. A view reads nothing else, above all no clock, so that the same scene
// always looks the same.
//
// # Files
//
//   - A moment: scene.go, and what is said of a goroutine in it: doing.go.
//   - The recording and its play time: reel.go, clock.go. One of which only the last events are kept: keep.go.
//   - What goroutines look like, now and in the past: look.go, history.go, crowd.go, mark.go.
package scene
