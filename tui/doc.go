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
//   - Driving a run: drive.go. Its keys: drive_keys.go, drive_ahead.go; what a command has reached: drive_moved.go; tokens, and what
//     else can be driven: drive_open.go; the list and the messages: drive_draw.go. The schedules tried, and their steps: schedules*.go.
//   - The sandbox: sandbox.go. Its keys: sandbox_keys.go; the line for commands: sandbox_line.go; the log and the line on the screen:
//     sandbox_draw.go.
//   - Pictures, films and pages: export.go, film.go, asciicast.go, moving.go, script.go, page.go.
package tui
