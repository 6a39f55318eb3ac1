//go:build !linux

package process

// childrenOf returns 0: nobody says.
func childrenOf(int) int { return 0 }
