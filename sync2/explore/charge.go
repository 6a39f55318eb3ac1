//go:build turnstile_goroot

package explore

import "github.com/turnstile-go/turnstile/sync2/explore/internal/bridge"

// inCharge reports whether the runtime calls this copy of the explorer.
var inCharge bool

// takeCharge makes the runtime call this copy of the explorer, unless it already calls one, for the program of the
// given name that is about to be explored.
func takeCharge(name string) {
	if inCharge = inCharge || bridge.Install(); !inCharge {
		panic(nested) // another copy is in charge
	}
	bridge.Name("", name)
}
