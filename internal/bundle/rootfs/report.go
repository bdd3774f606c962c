package rootfs

// maxLeftOut bounds the report of an archive that has been made to have a long one.
const maxLeftOut = 1000

// maxWhat is the length in bytes of what an element says, which has the name of an attribute in it: that of an archive may have a
// mebibyte.
const maxWhat = 300

// A Report says what was unpacked, and what was not as the archive has it.
type Report struct {
	Entries int64     `json:"entries"`
	Bytes   int64     `json:"bytes"` // of the uncompressed archives
	LeftOut []LeftOut `json:"leftOut,omitempty"`
	// More is how much was left out beside LeftOut, which has at most 1000 elements.
	More int `json:"more,omitempty"`
}

// LeftOut is one thing of an archive that is not in the root filesystem.
type LeftOut struct {
	Entry string `json:"entry"` // name in the archive
	What  string `json:"what"`  // "device node 5:1", "attribute user.mime", "owner 33:33"
	Why   string `json:"why"`
}

func (r *Report) leaveOut(entry, what, why string) {
	if len(r.LeftOut) == maxLeftOut {
		r.More++
		return
	}
	if len(what) > maxWhat {
		what = what[:maxWhat] + "…"
	}
	r.LeftOut = append(r.LeftOut, LeftOut{Entry: entry, What: what, Why: why})
}

// Add takes over what another archive's report says.
func (r *Report) Add(o *Report) {
	r.Entries += o.Entries
	r.Bytes += o.Bytes
	room := min(maxLeftOut-len(r.LeftOut), len(o.LeftOut))
	r.LeftOut = append(r.LeftOut, o.LeftOut[:room]...)
	r.More += o.More + len(o.LeftOut) - room
}
