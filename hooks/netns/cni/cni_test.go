package cni

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/creel-project/creel/hooks/netns/proc"
	"github.com/creel-project/creel/hooks/netns/record"
)

func TestWhatAPluginLeavesOutIsNoReasonToPanic(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"net.conflist": `{"cniVersion":"1.0.0","name":"net","plugins":[{"type":"odd"}]}`,
		"odd":          "#!/bin/sh\necho '" + `{"cniVersion":"1.0.0","interfaces":[null,{"name":""}],"ips":[null,{"address":"192.0.2.1/24"}],"routes":[null]}` + "'\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	self, err := proc.Find(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	e := &record.Endpoint{ID: "web", Process: self, Iface: "eth0", CNI: &record.CNI{Network: "net", ConfDir: dir, BinDirs: []string{dir}, Cache: filepath.Join(dir, "cache")}}
	list, err := Load(e.CNI)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Add(e, list)
	if err != nil || len(r.Addresses) != 1 {
		t.Errorf("%v, %v", r.Addresses, err)
	}
	if names := outside(library(e), list, runtime(e)); len(names) != 1 {
		t.Errorf("%q", names)
	}
}
