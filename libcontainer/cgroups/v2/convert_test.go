package v2

import (
	"strings"
	"testing"
)

func replaceDir(text, dir string) string { return strings.ReplaceAll(text, "DIR", dir) }

func TestSharesBecomeWeights(t *testing.T) {
	for shares, want := range map[uint64]uint64{
		0: 0, 1: 1, 2: 1, 3: 2, 10: 4, 100: 17, 512: 59, 1000: 99, 1024: 100, 1025: 101, 2048: 174,
		4096: 303, 65536: 3023, 262143: 10000, 262144: 10000, 1 << 40: 10000,
	} {
		if got := CPUWeight(shares); got != want {
			t.Errorf("CPUWeight(%d) = %d, want %d", shares, got, want)
		}
	}
}

func TestMoreSharesAreNeverLessWeight(t *testing.T) {
	last := uint64(1)
	for shares := uint64(2); shares <= 262144; shares++ {
		w := CPUWeight(shares)
		if w < last || w > 10000 {
			t.Fatalf("CPUWeight(%d) = %d after %d", shares, w, last)
		}
		last = w
	}
}

func TestBlkioWeightsBecomeIOWeights(t *testing.T) {
	for weight, want := range map[uint16]uint64{0: 0, 10: 1, 500: 4950, 1000: 10000} {
		if got := IOWeight(weight); got != want {
			t.Errorf("IOWeight(%d) = %d, want %d", weight, got, want)
		}
	}
}

func TestSwapIsWhatExceedsTheLimit(t *testing.T) {
	for _, c := range []struct {
		swap, limit int64
		want        string // "" for an error
	}{
		{-1, 100, "max"}, {-1, -1, "max"}, {-1, 0, "max"},
		{100, 100, "0"}, {150, 100, "50"},
		{99, 100, ""}, {100, -1, ""}, {100, 0, ""}, {-2, 100, ""},
	} {
		got, err := SwapMax(c.swap, c.limit)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("SwapMax(%d, %d) = %q, %v, want %q", c.swap, c.limit, got, err, c.want)
		}
	}
}
