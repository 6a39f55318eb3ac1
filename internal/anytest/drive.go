package anytest

// A DriveRequest asks a test binary whose Config says Drive for a moment of a run of its test. Requests are lines of JSON in the
// named pipe Config.Drive + ".ask", and each is answered by a line in Config.Drive + ".tell",
// before which a search may tell how far it is. A file Config.Drive + ".stop" ends a search.
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
	Error   string        `json:"error,omitempty"` // if it could not be done
	None    bool          `json:"none,omitempty"`  // nothing was found
	More    bool          `json:"more,omitempty"`  // it is no answer yet: Tried of Of orders have been tried
	Tried   int           `json:"tried,omitempty"`
	Of      int           `json:"of,omitempty"`
	Token   string        `json:"token,omitempty"`
	Made    []int         `json:"made,omitempty"`
	Steps   []Step        `json:"steps,omitempty"`  // of each that was made
	Before  []int         `json:"before,omitempty"` // how many events there were before each of Steps
	Choices []DriveChoice `json:"choices,omitempty"`
	Failure string        `json:"failure,omitempty"`
	Trace   []byte        `json:"trace,omitempty"` // a trace file
}

// A DriveChoice is something that can be done next.
type DriveChoice struct {
	Task    string `json:"task"`
	G       int64  `json:"g"`
	Op      string `json:"op"`
	Object  string `json:"object,omitempty"`
	Where   string `json:"where,omitempty"`
	Default bool   `json:"default,omitempty"`
}
