package nilchannel

import "testing"

// Two readers of news are merged into one channel. Receiving from a closed channel never waits, so a select that still
// listens to it would spin. Receiving from a nil channel waits forever: setting the variable to nil switches its case off.
func TestNilChannel(t *testing.T) {
	morning, evening, all := make(chan int), make(chan int), make(chan int)
	go report(morning, 1)
	go report(evening, 2)
	go merge(all, morning, evening)

	sum := 0
	for item := range all {
		sum += item
	}
	if sum != 3 {
		t.Errorf("the sum is %d, want 3: an item was lost, or came twice", sum)
	}
}

func report(news chan<- int, item int) {
	news <- item
	close(news)
}

// merge sends the values of both channels to all, and closes it when both are closed.
func merge(all chan<- int, morning, evening <-chan int) {
	for morning != nil || evening != nil {
		select {
		case item, open := <-morning:
			if !open {
				morning = nil // switches this case off
				continue
			}
			all <- item
		case item, open := <-evening:
			if !open {
				evening = nil
				continue
			}
			all <- item
		}
	}
	close(all)
}
