package nilchannel

import "testing"

// Two readers of news are merged into one channel. A closed channel can always be received from, so that a select which
// still listens to it would spin. A nil channel never can: setting the variable to nil switches its case off.
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

// merge sends to all what comes from either channel, and closes it when both are closed.
func merge(all chan<- int, morning, evening <-chan int) {
	for morning != nil || evening != nil {
		select {
		case item, open := <-morning:
			if !open {
				morning = nil // no more of this case
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
