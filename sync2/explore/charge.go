//go:build turnstile_goroot

package explore

import "github.com/turnstile-go/turnstile/sync2/explore/internal/bridge"

// inCharge says that the runtime asks this copy of the explorer.
var inCharge bool

// takeCharge lets the runtime ask this copy of the explorer, if it asks none yet, about the program of the given name that
// is about to be explored.
func takeCharge(name string) {
	if inCharge = inCharge || bridge.Install(); !inCharge {
		panic(nested) // by another copy
	}
	bridge.Name("", name)
}
