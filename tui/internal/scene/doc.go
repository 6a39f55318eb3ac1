// Package scene computes what to draw at each moment of a recording. It draws nothing itself.
//
// A [Recording] holds the events, which may still be arriving. Its [Clock] spreads them over play time, so that each of them is
// visible, and its [History] records the past of each goroutine. [Recording.Scene] returns the [Scene] at a position: a
// [timeline.State] with everything else that a view needs. A view reads nothing but the scene, in particular no clock, so the same
// scene always looks the same.
//
// # Files
//
//   - A moment, and what a goroutine is doing then: scene.go, doing.go.
//   - The recording and its play time: recording.go, clock.go. Keeping only the last events: keep.go.
//   - The looks of goroutines, now and in the past: look.go, history.go, group.go, mark.go.
package scene
