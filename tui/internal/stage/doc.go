// Package stage draws the objects of a scene, each in the form of its class, and the goroutines at them.
//
// [LayOut] places everything; a [Slider] draws it, with tokens that slide from their previous places. The result depends only on the
// scene, so the same scene always looks the same.
//
// # A panel for another class of objects
//
// The stage shows each object with the panel of its class. To add one, write a type that embeds *subject in a file of its
// own, panel_CLASS.go, and add a line to the table panels in panel.go. The type has three methods: title returns the text
// after the object's name in the frame, sentence returns the last line, and lay places what is in between.
//
// Lay begins with a floor, which divides the room into areas for goroutines on the way, at the gate, and past it, and for
// the gate itself. Seats are for goroutines: queued, atDoor and held return them for most objects, and seat places as many
// as there is room for. The rest is drawn with the methods of a [cells.Sketch]. Lay ends with onTheWay, for an object that
// has the whole stage. panel_lock.go is a short example of all this.
//
// If there is no room for panels, objects are shown as rows. The row of an object shows which goroutines are inside and
// which wait; a type whose state fits in a word has a method row. An object is idle, and may share a line with others, if
// no goroutine holds it or waits for it; a type with other conditions has a method idle.
//
// Nothing in a panel depends on earlier frames or on a clock. Add states of the class to rolls in stage_test.go, and
// check the output of "make golden".
//
// # Files
//
//   - The stage, and how its tokens move: stage.go, slide.go.
//   - Rows, if there is no room for panels: rows.go.
//   - What panels share: subject.go, who.go, token.go.
//   - Panels, one for each class of objects: panel*.go.
package stage
