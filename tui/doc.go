// Package tui is the terminal UI: a browser of scenarios, and a player that animates what the goroutines of one did.
//
// Everything that the player shows comes from the [timeline.State] at the playhead. The package knows neither the
// primitives nor the scenarios; the program passes them in a [Config].
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
// has the stage to itself. panel_lock.go is a short example of all this.
//
// If there is no room for panels, objects are shown as rows. The row of an object says which goroutines are inside and
// which wait; a type whose state fits in a word has a method row. An object is idle, and may share a line with others, if
// no goroutine holds it or waits for it; a type with other conditions has a method idle.
//
// Nothing in a panel depends on earlier frames or on a clock. Add states of the class to rolls in stage_test.go, and
// check the output of "make golden".
//
// # Files
//
//   - The model, the program, and what is passed in: model.go, run.go, seam.go, sessions.go, keys.go, keymap.go,
//     help.go, button.go, hit.go, prompt.go.
//   - The browser: browser*.go, form.go.
//   - The player, and its parts on the screen: player*.go, load.go, moment.go, pair.go, layout.go, header.go, find.go.
//     What it shows of a recording is in package scene.
//   - The stage with its tokens and rows of objects: stage.go, slide.go, subject.go, token.go, rows.go.
//   - Panels, one for each class of objects: panel*.go.
//   - The timeline: lanes*.go, axis.go.
//   - Other views: graph.go, list.go, log.go, look.go, source.go, stats.go, verdict.go, orders*.go, hint.go,
//     helpers.go.
//   - The colors of words: emphasis.go. The words are in package wording.
//   - Driving a run, and the sandbox: drive*.go, sandbox.go.
//   - Pictures, films and pages: export.go, still.go, film.go, cast.go, moving.go, script.go, projector.go,
//     page.go.
package tui
