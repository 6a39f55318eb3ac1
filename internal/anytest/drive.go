package anytest

// A DriveRequest asks a test binary whose Config says Drive for a moment of a run of its test. Requests are lines of JSON in the
// named pipe Config.Drive + ".ask", and each is answered by a line in Config.Drive + ".tell", which may be preceded by progress
// reports of a search. A file Config.Drive + ".stop" ends a search.
type DriveRequest struct {
	ID    int    `json:"id"`
	Do    string `json:"do"` // "at", "on", "search", "replay" or "token"
	Made  []int  `json:"made,omitempty"`
	Seed  uint64 `json:"seed,omitempty"`
	Token string `json:"token,omitempty"`
}

// A DriveAnswer is the result of a DriveRequest.
type DriveAnswer struct {
	ID      int           `json:"id"`
	Error   string        `json:"error,omitempty"` // if the request failed
	None    bool          `json:"none,omitempty"`  // nothing was found
	More    bool          `json:"more,omitempty"`  // the answer is still to come: Tried of Of schedules have been tried
	Tried   int           `json:"tried,omitempty"`
	Of      int           `json:"of,omitempty"`
	Token   string        `json:"token,omitempty"`
	Made    []int         `json:"made,omitempty"`
	Steps   []Step        `json:"steps,omitempty"`  // of each choice that was made
	Before  []int         `json:"before,omitempty"` // the number of events before each of Steps
	Choices []DriveChoice `json:"choices,omitempty"`
	Failure string        `json:"failure,omitempty"`
	Trace   []byte        `json:"trace,omitempty"` // a trace file
}

// A DriveChoice is a possible next transition.
type DriveChoice struct {
	Task    string `json:"task"`
	G       int64  `json:"g"`
	Op      string `json:"op"`
	Object  string `json:"object,omitempty"`
	Where   string `json:"where,omitempty"`
	Default bool   `json:"default,omitempty"`
}
