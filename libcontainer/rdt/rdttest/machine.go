package rdttest

import (
	"path"
	"strings"
)

// machine is what info/ tells of a machine with two L3 caches that can be shared out, as can memory bandwidth.
var machine = map[string]string{
	"info/L3/cbm_mask": "7ff", "info/L3/min_cbm_bits": "1", "info/L3/num_closids": "16",
	"info/MB/bandwidth_gran": "10", "info/MB/delay_linear": "1", "info/MB/min_bandwidth": "10", "info/MB/num_closids": "8",
}

// domains are what a group has in mon_data, in no order, as the kernel lists them.
var domains = []string{"mon_L3_01", "mon_L3_00"}

// Set gives a file below info/, or a counter of a group's mon_data, another text than the fake's; counters are 0.
func (f *FS) Set(file, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files[file] = text
}

// Lack takes something from the machine: a file or directory of info/ by its path, or a counter by its name.
func (f *FS) Lack(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lacks[what] = true
	for file := range f.files {
		if file == what || strings.HasPrefix(file, what+"/") {
			delete(f.files, file)
		}
	}
}

// resources are the directories of info/.
func (f *FS) resources() (names []string) {
	for _, r := range [...]string{"L3", "MB"} {
		if f.resource("info/"+r) != nil {
			names = append(names, r)
		}
	}
	return names
}

func (f *FS) resource(dir string) (names []string) {
	for file := range f.files {
		if parent(file) == dir {
			names = append(names, path.Base(file))
		}
	}
	return names
}

func (f *FS) counters() []string {
	names := []string{}
	for _, c := range [...]string{"llc_occupancy", "mbm_total_bytes", "mbm_local_bytes"} {
		if !f.lacks[c] {
			names = append(names, c)
		}
	}
	return names
}
