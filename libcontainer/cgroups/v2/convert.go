package v2

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// CPUWeight converts cgroup v1 cpu.shares (2 to 262144, default 1024) to cgroup v2 cpu.weight (1 to 10000, default 100).
// The curve through (2, 1), (1024, 100) and (262144, 10000) is quadratic in the logarithms, so that the default is the default
// on both; it is the one that runc 1.3.2 and crun 1.23 agreed on. No shares, 0, is no weight, 0.
func CPUWeight(shares uint64) uint64 {
	switch {
	case shares == 0:
		return 0
	case shares <= 2:
		return 1
	case shares >= 262144:
		return 10000
	}
	l := math.Log2(float64(shares))
	return uint64(math.Ceil(math.Pow(10, (l*l+125*l)/612-7.0/34)))
}

// IOWeight converts a blkio weight (10 to 1000) to an io.weight (1 to 10000) in proportion.
func IOWeight(weight uint16) uint64 {
	if weight == 0 {
		return 0
	}
	return 1 + (uint64(weight)-10)*9999/990
}

// SwapMax converts linux.resources.memory.swap, which counts memory and swap together, to memory.swap.max, which counts swap alone.
// limit is the memory limit that goes with it, -1 for none; both are in bytes and swap is not 0.
func SwapMax(swap, limit int64) (string, error) {
	switch {
	case swap == -1:
		return cgfs.Max, nil
	case swap < -1:
		return "", errNegative
	case limit <= 0:
		return "", errors.New("it counts memory and swap together, so that it needs a memory limit beside it")
	case swap < limit:
		return "", fmt.Errorf("it counts memory and swap together, so that it cannot be less than the memory limit %d", limit)
	}
	return strconv.FormatInt(swap-limit, 10), nil
}

// quotaText writes cpu.max; a quota of 0 or less is unlimited, and a period of 0 is left as it is.
func quotaText(quota int64, period uint64) string {
	text := cgfs.Max
	if quota > 0 {
		text = strconv.FormatInt(quota, 10)
	}
	if period != 0 {
		text += " " + strconv.FormatUint(period, 10)
	}
	return text
}

// rateText writes a rate of io.max. A rate of 0 lifts a v1 throttle.
func rateText(rate uint64) string {
	if rate == 0 {
		return cgfs.Max
	}
	return strconv.FormatUint(rate, 10)
}
