// Package tracefile reads and writes traces as files.
//
// The first line of a trace file names the format; each further line is an event, as a JSON object with the field names
// of [trace.Event]:
//
//	{"format":"turnstile-trace","version":1}
//	{"seq":1,"t":0,"kind":"begin","n":1760000000000000000}
//	{"seq":2,"t":5120,"kind":"define-g","g":1,"text":"main"}
//
// A reader ignores unknown fields and kinds. Times, identities and counts that cannot occur in a trace are errors. The
// version changes only if older readers cannot read the file.
//
// [Write] and [Read] are for whole traces; a [Writer] writes a trace while it runs, and a [Reader] reads event by event.
//
// # Files
//
//   - Writing: write.go.
//   - Reading: read.go, scan.go, check.go.
package tracefile
