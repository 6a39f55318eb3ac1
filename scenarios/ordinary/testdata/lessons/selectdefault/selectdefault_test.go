package selectdefault

import "testing"

// A camera makes frames at its own pace, and must never wait for the screen. A select with a default does not wait: if
// no other case can proceed at once, the default runs.
func TestSelectDefault(t *testing.T) {
	frames := make(chan int, 1) // room for the next frame to show
	dropped := make(chan int)
	go camera(frames, dropped)

	shown, last := 0, 0
	for frame := range frames {
		if frame <= last {
			t.Errorf("frame %d is shown after frame %d", frame, last)
		}
		shown, last = shown+1, frame
	}

	// How many are dropped depends on which is faster. But none is ever lost without being counted.
	if n := shown + <-dropped; n != 4 {
		t.Errorf("%d frames were shown or dropped, want 4", n)
	}
}

func camera(frames chan<- int, dropped chan<- int) {
	n := 0
	for frame := 1; frame <= 4; frame++ {
		select {
		case frames <- frame:
		default: // the last one has not been taken yet
			n++
		}
	}
	close(frames)
	dropped <- n
}
