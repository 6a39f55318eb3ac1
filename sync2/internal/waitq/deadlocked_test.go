package waitq_test

import _ "github.com/turnstile-go/turnstile/sync2/internal/deadlocked" // with the tag deadlock: checks the internal mutexes
