package cells

// A Point is a place on the screen.
type Point struct{ X, Y int }

// Clamp returns x, or low or high if it is less or greater.
func Clamp(x, low, high int) int { return max(low, min(x, high)) }
