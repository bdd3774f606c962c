package requirements

// Differs are the tests that creel does not pass on purpose, and why. The suite looks
// that it does not.
var Differs = map[string]string{
	"TestDeleteOfWhatIsNotStopped/created": "delete of a created container ends it, as runc does and engines count on",
}
