package rootfs

import (
	"slices"
	"testing"
)

func TestReportsTogetherAreNoLongerThanOne(t *testing.T) {
	var all Report
	all.Add(&Report{Entries: 2, Bytes: 3, LeftOut: slices.Repeat([]LeftOut{{Entry: "a"}}, maxLeftOut-1)})
	all.Add(&Report{Entries: 5, Bytes: 7, LeftOut: []LeftOut{{Entry: "b"}, {Entry: "c"}}, More: 11})
	if all.Entries != 7 || all.Bytes != 10 || len(all.LeftOut) != maxLeftOut || all.LeftOut[maxLeftOut-1].Entry != "b" || all.More != 12 {
		t.Errorf("%d entries, %d bytes, %d left out, the last %v, and %d more", all.Entries, all.Bytes, len(all.LeftOut), all.LeftOut[len(all.LeftOut)-1], all.More)
	}
}
