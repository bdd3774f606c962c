package main

import (
	"os"
	"time"
)

var cases = []bench{
	{name: "unpack", title: "A Debian of gzip layers becomes a bundle", subjects: unpack},
	{name: "extract", title: "100,000 files are extracted with shifted ids", subjects: extract},
	{name: "shift", title: "Ids of 100,000 files are shifted in place", subjects: shift},
	{name: "idmap", title: "A container of 100,000 files runs with an id-mapped root", subjects: idMapped, limit: 5 * time.Millisecond, more: true},
	{name: "from-docker", title: "A config.json is made of docker inspect's JSON", subjects: fromDocker, limit: 60 * time.Millisecond},
	{name: "hook", title: "The network hook", subjects: hook, limit: 40 * time.Millisecond},
}

const shifted = "100000:65536"

func unpack(w *world) ([]subject, error) {
	if err := w.layout(); err != nil {
		return nil, err
	}
	to, gone := w.path("unpacked"), removed(w.path("unpacked"))
	return []subject{
		{name: "creel-bundle unpack", call: calls(w.program("creel-bundle"), "unpack", "--quiet", "--store", w.path("store"), "oci:"+w.path("layout")+":debian", to), after: gone},
		{name: "umoci unpack", call: calls("umoci", "unpack", "--image", w.path("layout")+":debian", to), after: gone, most: 0.5},
		{name: "tar -xz, layer by layer", call: sh(`mkdir "$1"; for l in "$2"/*; do tar -C "$1" --numeric-owner --xattrs -xzf "$l"; done`, to, w.path("layers")),
			after: gone, most: 0.8},
	}, nil
}

func extract(w *world) ([]subject, error) {
	archive := w.path("files.tar")
	if err := w.files(w.path("files")); err != nil {
		return nil, err
	}
	if err := run("tar", "-C", w.path("files"), "-cf", archive, "."); err != nil {
		return nil, err
	}
	to, gone := w.path("extracted"), removed(w.path("extracted"))
	program := w.program("creel-bundle")
	return []subject{
		{name: "creel-bundle rootfs --userns", call: calls(program, "rootfs", "--userns", shifted, archive, to), after: gone},
		{name: "creel-bundle rootfs --idmap", call: calls(program, "rootfs", "--idmap", archive, to), after: gone, most: 1.1},
		{name: "tar -x", call: sh(`mkdir "$1"; tar -C "$1" --numeric-owner --xattrs -xf "$2"`, to, archive), after: gone},
	}, nil
}

func shift(w *world) ([]subject, error) {
	a, b := w.path("shifted"), w.path("chowned")
	for _, dir := range []string{a, b} {
		if err := w.files(dir); err != nil {
			return nil, err
		}
	}
	program := w.program("creel-bundle")
	return []subject{
		{name: "creel-bundle shift", call: calls(program, "shift", a, "0:"+shifted), after: calls(program, "shift", "--undo", a, "0:"+shifted)},
		{name: "chown -R", call: calls("chown", "-R", "100000:100000", b), after: calls("chown", "-R", "0:0", b), most: 0.7},
	}, nil
}

func idMapped(w *world) ([]subject, error) {
	mapped, plain := w.path("mapped"), w.path("plain")
	for bundle, options := range map[string]string{mapped: `, "idmap"`, plain: ""} {
		if err := w.bundle(bundle, options); err != nil {
			return nil, err
		}
	}
	if err := run("chown", "-R", "100000:100000", plain+"/rootfs"); err != nil {
		return nil, err
	}
	program := w.program("creel")
	return []subject{
		{name: "creel run, id-mapped", call: calls(program, "run", "--bundle", mapped, "bench-mapped")},
		{name: "creel run, shifted", call: calls(program, "run", "--bundle", plain, "bench-plain")},
	}, nil
}

func fromDocker(w *world) ([]subject, error) {
	file := w.path("inspect.json")
	text, err := os.ReadFile("internal/bundle/docker/mapping/testdata/web.json")
	if err == nil {
		err = os.WriteFile(file, text, 0o644)
	}
	rootfs := w.path("busybox")
	if err == nil {
		err = busybox(rootfs)
	}
	return []subject{
		{name: "creel-bundle from-docker FILE", call: calls(w.program("creel-bundle"), "from-docker", "--userns", shifted, "--rootfs", rootfs, "--output", "-", file)},
	}, err
}

func removed(path string) func() error { return func() error { return os.RemoveAll(path) } }
