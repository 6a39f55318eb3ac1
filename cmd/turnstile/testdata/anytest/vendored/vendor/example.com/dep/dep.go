// Package dep hands numbers over.
package dep

// Hand returns n as another goroutine has sent it.
func Hand(n int) int {
	c := make(chan int)
	go func() { c <- n }()
	return <-c
}
