package dist

import (
	"time"
)

// A QueueOption configures a [Queue]: see [NewQueue].
type QueueOption func(*queueConfig)

type queueConfig struct {
	capacity, deliveries int
	within               time.Duration
}

// Capacity bounds the number of unfinished items of a queue; without this option there is no bound. It panics if n is
// less than 1.
func Capacity(n int) QueueOption {
	if n < 1 {
		misuse("Capacity", "%d items; must be at least 1", n)
	}
	return func(c *queueConfig) { c.capacity = n }
}

// AckWithin sets the time after which an item is handed to another worker, unless its worker calls [Item.Extend]: 30 seconds
// without this option. It panics if d is less than 100 ms.
func AckWithin(d time.Duration) QueueOption {
	if d < minLease {
		misuse("AckWithin", "%v; must be at least %v", d, minLease)
	}
	return func(c *queueConfig) { c.within = d }
}

// MaxDeliveries sets the number of times that an item is handed out before it becomes a dead letter: 5 without this option. It
// panics if n is less than 1.
func MaxDeliveries(n int) QueueOption {
	if n < 1 {
		misuse("MaxDeliveries", "%d times; must be at least 1", n)
	}
	return func(c *queueConfig) { c.deliveries = n }
}
