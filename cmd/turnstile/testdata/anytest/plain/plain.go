// Package plain has tests that end in every way in which tests end.
package plain

// Sum returns the sum of numbers.
func Sum(numbers ...int) (sum int) {
	for _, n := range numbers {
		sum += n
	}
	return sum
}

// Never is not called.
func Never() int { return 0 }
