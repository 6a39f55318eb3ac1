package scenarios_test

import _ "github.com/turnstile-go/turnstile/sync2/synctesting" // with the tag deadlock: checks the internal mutexes
