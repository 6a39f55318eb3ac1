// Package tui is the terminal UI: a browser of scenarios, and a player that animates what the goroutines of one did.
//
// Everything that the player shows is read from one [timeline.State] at one playhead. The package knows neither the
// primitives nor the scenarios; the program hands them in through [Config].
package tui
