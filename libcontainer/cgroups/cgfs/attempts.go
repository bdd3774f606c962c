package cgfs

import "time"

// Attempts repeats what others undo on its way, as those do who remove an empty parent: at once at first, then after
// pauses in which they come to their end, some 100 ms in all.
func Attempts(yield func() bool) {
	const most, atOnce = 100, 5
	for i := range most {
		if i >= atOnce {
			time.Sleep(time.Duration(i) * 20 * time.Microsecond)
		}
		if !yield() {
			return
		}
	}
}
