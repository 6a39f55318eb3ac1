//go:build !race

package waitq

const raced = false
