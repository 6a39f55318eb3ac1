package channels

import "testing"

// On an unbuffered channel a send is a meeting: the cook cannot put a dish down, only hand it over. The side that comes
// first waits for the other.
func TestUnbuffered(t *testing.T) {
	dinner(t, make(chan string))
}

// A buffered channel is a counter with room for two: the cook runs ahead until it is full, and only then waits.
func TestBuffered(t *testing.T) {
	dinner(t, make(chan string, 2))
}

var menu = []string{"soup", "bread", "fish", "tea"}

func dinner(t *testing.T, counter chan string) {
	go cook(counter)

	// The dishes come in the order in which they were sent, with or without a buffer.
	served := 0
	for dish := range counter {
		if dish != menu[served] {
			t.Errorf("dish %d is %s, want %s", served, dish, menu[served])
		}
		served++
	}

	// The loop has ended because the cook closed the channel. Whatever was still in the buffer has been received.
	if served != len(menu) {
		t.Errorf("%d dishes were served, want %d", served, len(menu))
	}
}

func cook(counter chan<- string) {
	for _, dish := range menu {
		counter <- dish
	}
	close(counter) // the sender closes, never the receiver
}
