package cells

// A Point is a position on the screen.
type Point struct{ X, Y int }

// Clamp returns x limited to the range from low to high.
func Clamp(x, low, high int) int { return max(low, min(x, high)) }
