// Package tui is the terminal UI: a browser of scenarios, and a player that animates what the goroutines of one did.
//
// Everything that the player shows is read from one [timeline.State] at one playhead. The package knows neither the
// primitives nor the scenarios; the program hands them in through [Config].
//
// # A panel for another class of objects
//
// The stage shows each object by the panel of its class. To add one, write a type that embeds *subject in a file of its own,
// panel_CLASS.go, and a line in the table panels in panel.go. The type has three methods: title says what the frame tells
// after the name of the object, sentence what the last line says, and lay places what is between.
//
// Lay begins with a floor, which divides the room into those on the way, those at the gate, the gate, and those who are
// through. Seats are for goroutines: queued, atDoor and held return them for most objects, and seat places them as there is
// room. The rest is drawn with the words of a [cells.Sketch]. It ends with onTheWay, for an object that has the stage for
// itself. panel_lock.go is short and has it all.
//
// Where there is no room for panels, objects are rows. That of an object says who is inside and who waits; one whose state
// can be said in a word has a method row. An object is idle, and may share a line with others, if nobody holds it or waits
// for it; the type has a method idle if that is not all.
//
// Nothing in a panel depends on what was drawn before, nor on a clock. Add states of the class to rolls in stage_test.go,
// and look at what "make golden" writes.
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
