// Package tui is the terminal UI: a browser of scenarios, and a player that animates what their goroutines did.
//
// Everything that the player shows is derived from the [timeline.State] at the playhead. The package knows neither the primitives
// nor the scenarios; the program passes them in a [Config].
//
// # Files
//
//   - The program: model*.go, run.go, config.go, sessions.go. Keys and the mouse: keys.go, keymap.go, button.go, hit.go. Help, hints
//     and input: help.go, hint.go, prompt.go.
//   - The browser: browser*.go, form.go, still.go.
//   - The player: player*.go, load.go, moment.go, find.go. Its layout: layout.go, header.go, projector.go.
//   - The views of the player: graph.go, list.go, log.go, emphasis.go, look.go, source.go, stats.go, verdict.go. The stage is in package
//     stage, the timeline in package lanes, the statistics in package stats; what they show is in package scene.
//   - Two recordings side by side: pair.go.
//   - Driving a run: drive*.go, schedules*.go. The sandbox: sandbox.go.
//   - Pictures, films and pages: export.go, film.go, asciicast.go, moving.go, script.go, page.go.
package tui
