package stats

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// reader reads files that stand for a cgroup's.
func reader(t *testing.T, files map[string]string) *Reader {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, err := cgfs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return Of(d)
}

func TestEachFormOfFileIsRead(t *testing.T) {
	r := reader(t, map[string]string{
		"one": "4096\n", "none": "max\n", "level": "-1\n", "list": "0-2,7\n", "empty": "\n", "row": "1 2 \n",
		"table": "anon 1\nnuma_locality 0 0 0\nfile 18446744073709551615\n",
	})
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"number", r.Uint("one"), uint64(4096)},
		{"no limit", r.Uint("none"), uint64(math.MaxUint64)},
		{"negative number", r.Int("level"), int64(-1)},
		{"list", r.List("list"), []uint16{0, 1, 2, 7}},
		{"empty list", r.List("empty"), []uint16(nil)},
		{"row", r.Numbers("row"), []uint64{1, 2}},
		{"table", r.Table("table"), map[string]uint64{"anon": 1, "file": math.MaxUint64}},
		{"number of no file", r.Uint("x"), uint64(0)},
		{"table of no file", r.Table("x"), map[string]uint64(nil)},
		{"pressure of no file", r.Pressure("x"), (*PSI)(nil)},
		{"rdma of no file", r.RDMA(), map[string]RDMA(nil)},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	if err := r.Err(); err != nil {
		t.Error(err)
	}
}

func TestAFileThatTheKernelDidNotWriteIsNamed(t *testing.T) {
	for name, read := range map[string]func(*Reader){
		"uint":  func(r *Reader) { r.Uint("file") },
		"int":   func(r *Reader) { r.Int("file") },
		"row":   func(r *Reader) { r.Numbers("file") },
		"list":  func(r *Reader) { r.List("file") },
		"table": func(r *Reader) { r.Table("file") },
		"psi":   func(r *Reader) { r.Pressure("file") },
	} {
		r := reader(t, map[string]string{"file": "some x=y"})
		read(r)
		if err := r.Err(); err == nil || !strings.Contains(err.Error(), "/file: ") || !strings.HasSuffix(err.Error(), "invalid argument") {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := reader(t, map[string]string{"list": "3-1"})
	if r.List("list"); r.Err() == nil {
		t.Error("3-1 is no list")
	}
}

func TestPressureIsReadAsTheKernelWritesIt(t *testing.T) {
	r := reader(t, map[string]string{
		"memory.pressure": "some avg10=1.50 avg60=0.25 avg300=0.00 total=1234\nfull avg10=0.75 avg60=0.00 avg300=0.01 total=99\n",
	})
	want := PSI{PSIData{1.5, 0.25, 0, 1234}, PSIData{0.75, 0, 0.01, 99}}
	if got := r.Pressure("memory.pressure"); got == nil || *got != want || r.Err() != nil {
		t.Errorf("%+v, %v", got, r.Err())
	}
}

func TestRDMAIsReadByDevice(t *testing.T) {
	r := reader(t, map[string]string{
		"rdma.current": "mlx4_0 hca_handle=2 hca_object=2000\nocrdma1 hca_handle=1 hca_object=0\n",
		"rdma.max":     "mlx4_0 hca_handle=max hca_object=3000\nocrdma1 hca_handle=5 hca_object=max\n",
	})
	want := map[string]RDMA{
		"mlx4_0":  {HCAHandles: 2, HCAObjects: 2000, HCAHandlesLimit: math.MaxUint64, HCAObjectsLimit: 3000},
		"ocrdma1": {HCAHandles: 1, HCAHandlesLimit: 5, HCAObjectsLimit: math.MaxUint64},
	}
	if got := r.RDMA(); !reflect.DeepEqual(got, want) || r.Err() != nil {
		t.Errorf("%+v, %v", got, r.Err())
	}
}

func TestHugePageSizesAreNamedAsTheFilesAre(t *testing.T) {
	for kib, want := range map[uint64]string{64: "64KB", 2048: "2MB", 32768: "32MB", 1 << 20: "1GB", 16 << 20: "16GB"} {
		if got := pageSize(kib); got != want {
			t.Errorf("%d kB: %s", kib, got)
		}
	}
}
