package v1

import (
	"strconv"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/stats"
)

// readBlkio fills each table from the first file that has figures: those of BFQ, those of CFQ (until Linux 5.0), or
// those of the throttling layer, which sees every request (Documentation/admin-guide/cgroup-v1/blkio-controller.rst).
func readBlkio(r *stats.Reader, s *stats.Stats) {
	b := stats.Blkio{PSI: s.Blkio.PSI}
	for _, table := range [...]struct {
		to    *[]stats.BlkioEntry
		files []string
	}{
		{&b.IoServiceBytesRecursive, []string{
			"blkio.bfq.io_service_bytes_recursive", "blkio.io_service_bytes_recursive",
			"blkio.throttle.io_service_bytes_recursive", "blkio.throttle.io_service_bytes",
		}},
		{&b.IoServicedRecursive, []string{
			"blkio.bfq.io_serviced_recursive", "blkio.io_serviced_recursive",
			"blkio.throttle.io_serviced_recursive", "blkio.throttle.io_serviced",
		}},
		{&b.IoQueuedRecursive, []string{"blkio.bfq.io_queued_recursive", "blkio.io_queued_recursive"}},
		{&b.IoServiceTimeRecursive, []string{"blkio.bfq.io_service_time_recursive", "blkio.io_service_time_recursive"}},
		{&b.IoWaitTimeRecursive, []string{"blkio.bfq.io_wait_time_recursive", "blkio.io_wait_time_recursive"}},
		{&b.IoMergedRecursive, []string{"blkio.bfq.io_merged_recursive", "blkio.io_merged_recursive"}},
		{&b.IoTimeRecursive, []string{"blkio.bfq.time_recursive", "blkio.time_recursive"}},
		{&b.SectorsRecursive, []string{"blkio.bfq.sectors_recursive", "blkio.sectors_recursive"}},
	} {
		for _, file := range table.files {
			text, _ := r.Text(file)
			if *table.to = blkioEntries(text); len(*table.to) > 0 {
				break
			}
		}
	}
	s.Blkio = b
}

// blkioEntries reads lines like "8:0 Read 4096" or "8:0 4096". The sum over all devices, "Total 4096", is left out.
func blkioEntries(text string) (list []stats.BlkioEntry) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 || len(words) > 3 {
			continue
		}
		first, second, ok := strings.Cut(words[0], ":")
		major, err1 := strconv.ParseUint(first, 10, 64)
		minor, err2 := strconv.ParseUint(second, 10, 64)
		value, err3 := strconv.ParseUint(words[len(words)-1], 10, 64)
		if !ok || err1 != nil || err2 != nil || err3 != nil {
			continue
		}
		e := stats.BlkioEntry{Major: major, Minor: minor, Value: value}
		if len(words) == 3 {
			e.Op = words[1]
		}
		list = append(list, e)
	}
	return list
}
