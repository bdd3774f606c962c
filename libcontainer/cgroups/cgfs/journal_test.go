package cgfs

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAJournalWritesAsADirectoryDoes(t *testing.T) {
	d, path := fake(t, map[string]string{"pids.max": "", "cpuset.cpus": ""})
	for _, j := range []*Journal{nil, {}} {
		if err := errors.Join(j.Write(d, "pids.max", "7"), j.Write(d, "cpuset.cpus", "")); err != nil {
			t.Fatal(err)
		}
		for file, want := range map[string]string{"pids.max": "7", "cpuset.cpus": "\n"} {
			if got, err := os.ReadFile(filepath.Join(path, file)); err != nil || string(got) != want {
				t.Errorf("%s: %q, %v", file, got, err)
			}
		}
		if err := j.Write(d, "no.such", "1"); !errors.Is(err, unix.ENOENT) {
			t.Errorf("got %v", err)
		}
	}
	var none *Journal
	none.Note(d, "pids.max")
}

// What a file gets to be again what it was depends on what the file is.
func TestWhatTakesAWriteBack(t *testing.T) {
	for _, c := range []struct {
		file, now, text string
		want            []string
	}{
		{"memory.max", "max\n", "4096", []string{"max"}},
		{"cpuset.cpus", "\n", "0-1", []string{""}},
		{"memory.oom_control", "oom_kill_disable 0\nunder_oom 1\noom_kill 3\n", "1", []string{"0"}},
		{"io.max", "8:0 rbps=max wbps=5 riops=max wiops=max\n", "8:0 rbps=1\n8:16 rbps=2", []string{"8:0 rbps=max wbps=5 riops=max wiops=max", "8:16 rbps=max wbps=max riops=max wiops=max"}},
		{"io.weight", "default 100\n8:16 50\n", "70", []string{"100"}},
		{"io.weight", "default 100\n8:16 50\n", "default 70", []string{"100"}},
		{"io.weight", "default 100\n8:16 50\n", "8:16 60", []string{"8:16 50"}},
		{"io.bfq.weight", "default 100\n", "8:16 60", []string{"8:16 default"}},
		{"blkio.throttle.read_bps_device", "8:0 100\n8:16 200\n", "8:16 5", []string{"8:16 200"}},
		{"blkio.throttle.read_bps_device", "8:0 100\n", "8:16 5", []string{"8:16 0"}},
		{"blkio.bfq.weight", "300\n", "400", []string{"300"}},
		{"io.latency", "", "8:0 target=10", []string{"8:0 target=0"}},
		{"rdma.max", "mlx5_0 hca_handle=2 hca_object=max\n", "mlx5_0 hca_object=7", []string{"mlx5_0 hca_handle=2 hca_object=max"}},
		{"rdma.max", "", "mlx5_0 hca_object=7", []string{"mlx5_0 hca_handle=max hca_object=max"}},
		{"net_prio.ifpriomap", "lo 0\neth0 3\n", "eth0 500", []string{"eth0 3"}},
		{"misc.max", "", "sgx 1", nil},
		{"cgroup.procs", "1\n2\n", "3", nil},
	} {
		d, _ := fake(t, map[string]string{c.file: c.now})
		var got []string
		for _, s := range before(d, c.file, c.text) {
			got = append(got, s.text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s, which says %q, after %q: %q, want %q", c.file, c.now, c.text, got, c.want)
		}
	}
	d, _ := fake(t, nil)
	if old := before(d, "cgroup.kill", "1"); old != nil {
		t.Errorf("a file that nobody can read: %v", old)
	}
}

func TestUndoWritesBackTheNewestFirstAndTriesAgainWhatIsRefused(t *testing.T) {
	d, path := fake(t, map[string]string{"a.x": "1", "b.x": "2", "gone.x": "3"})
	j := &Journal{}
	for _, file := range []string{"a.x", "b.x", "a.x", "gone.x"} {
		if err := j.Write(d, file, "9"); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(path, "gone.x")); err != nil {
		t.Fatal(err)
	}
	if err := j.Undo(); !errors.Is(err, unix.ENOENT) {
		t.Errorf("what cannot be put back must be told: %v", err)
	}
	for file, want := range map[string]string{"a.x": "1", "b.x": "2"} {
		if got, _ := d.Read(file); got != want {
			t.Errorf("%s is %q", file, got)
		}
	}
	if err := j.Undo(); err != nil {
		t.Errorf("there is nothing left to undo: %v", err)
	}
}
