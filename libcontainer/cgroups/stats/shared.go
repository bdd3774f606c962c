package stats

import (
	"os"
	"strconv"
	"strings"
)

// Pressure reads a pressure file, nil where the kernel keeps none.
func (r *Reader) Pressure(name string) *PSI {
	text, ok := r.Text(name)
	if !ok {
		return nil
	}
	var psi PSI
	for line := range strings.Lines(text) {
		kind, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch kind {
		case "some":
			psi.Some = r.pressure(name, rest)
		case "full":
			psi.Full = r.pressure(name, rest)
		}
	}
	return &psi
}

func (r *Reader) pressure(name, text string) (d PSIData) {
	for word := range strings.FieldsSeq(text) {
		key, value, _ := strings.Cut(word, "=")
		share, err := strconv.ParseFloat(value, 64)
		switch {
		case err != nil:
			r.malformed(name, word)
		case key == "avg10":
			d.Avg10 = share
		case key == "avg60":
			d.Avg60 = share
		case key == "avg300":
			d.Avg300 = share
		case key == "total":
			d.Total = r.number(name, value)
		}
	}
	return d
}

// RDMA reads rdma.current and rdma.max, which v1 and v2 write alike.
func (r *Reader) RDMA() map[string]RDMA {
	current, ok := r.Text("rdma.current")
	if !ok {
		return nil
	}
	limits, _ := r.Text("rdma.max")
	devices := make(map[string]RDMA)
	r.rdma("rdma.current", current, func(device, key string, n uint64) {
		d := devices[device]
		switch key {
		case "hca_handle":
			d.HCAHandles = n
		case "hca_object":
			d.HCAObjects = n
		}
		devices[device] = d
	})
	r.rdma("rdma.max", limits, func(device, key string, n uint64) {
		d := devices[device]
		switch key {
		case "hca_handle":
			d.HCAHandlesLimit = n
		case "hca_object":
			d.HCAObjectsLimit = n
		}
		devices[device] = d
	})
	return devices
}

// rdma calls set for each figure of lines like "mlx4_0 hca_handle=2 hca_object=max".
func (r *Reader) rdma(name, text string, set func(device, key string, n uint64)) {
	for line := range strings.Lines(text) {
		device, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		for word := range strings.FieldsSeq(rest) {
			key, value, _ := strings.Cut(word, "=")
			set(device, key, r.number(name, value))
		}
	}
}

// HugePageSizes are the sizes that the kernel has, as the cgroup's files are named by them: "2MB".
func HugePageSizes() (sizes []string) {
	entries, err := os.ReadDir("/sys/kernel/mm/hugepages")
	if err != nil {
		return nil // a kernel without huge pages
	}
	for _, e := range entries {
		text, ok := strings.CutPrefix(e.Name(), "hugepages-")
		kib, err := strconv.ParseUint(strings.TrimSuffix(text, "kB"), 10, 64)
		if ok && err == nil {
			sizes = append(sizes, pageSize(kib))
		}
	}
	return sizes
}

// pageSize names a size as the kernel's hugetlb_cgroup.c does.
func pageSize(kib uint64) string {
	switch {
	case kib >= 1<<20:
		return strconv.FormatUint(kib>>20, 10) + "GB"
	case kib >= 1<<10:
		return strconv.FormatUint(kib>>10, 10) + "MB"
	}
	return strconv.FormatUint(kib, 10) + "KB"
}
