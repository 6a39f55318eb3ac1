//go:build !turnstile_goroot

package explore

// takeCharge has nothing to do: the runtime asks nobody.
func takeCharge(string) {}
