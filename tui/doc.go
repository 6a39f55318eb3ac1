// Package tui is the terminal UI: a browser of scenarios, and a player that animates what the goroutines of one did.
//
// Everything that the player shows comes from the [timeline.State] at the playhead. The package knows neither the
// primitives nor the scenarios; the program passes them in a [Config].
//
// # Files
//
//   - The model, the program, and what is passed in: model*.go, run.go, config.go, sessions.go, keys.go, keymap.go,
//     help.go, button.go, hit.go, prompt.go.
//   - The browser: browser*.go, form.go.
//   - The player, and its parts on the screen: player*.go, load.go, moment.go, pair.go, layout.go, header.go, find.go.
//     What it shows of a recording is in package scene, the stage with its panels in package stage, and the timeline in package
//     lanes.
//   - Other views: graph.go, list.go, log.go, look.go, source.go, stats.go, verdict.go, orders*.go, hint.go.
//   - The colors of words: emphasis.go. The words are in package wording.
//   - Driving a run, and the sandbox: drive*.go, sandbox.go.
//   - Pictures, films and pages: export.go, still.go, film.go, cast.go, moving.go, script.go, projector.go,
//     page.go.
package tui
