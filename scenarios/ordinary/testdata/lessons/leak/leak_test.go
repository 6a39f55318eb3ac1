package leak

import "testing"

// A client asks a slow server and hangs up after a while. The answer comes all the same.

func TestLeak(t *testing.T) {
	ask(t, make(chan string)) // the server waits for the client
}

func TestFixed(t *testing.T) {
	ask(t, make(chan string, 1)) // there is room for the answer, whether or not anybody wants it
}

func ask(t *testing.T, answer chan string) {
	patience := make(chan struct{})
	go server(answer)
	go hangUp(patience)

	select {
	case a := <-answer:
		t.Log("the answer is", a)
	case <-patience:
		t.Log("it took too long")
	}
}

func server(answer chan<- string) {
	answer <- "42"
}

func hangUp(patience chan<- struct{}) {
	close(patience)
}
