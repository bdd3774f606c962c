package devrules

import (
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// everyone holds the devices that any container may use: making nodes is harmless as long as they cannot be
// opened, and the rest is what the runtime itself puts into /dev (runtime-spec, "Default Devices").
var everyone = [...]Rule{
	{true, Char, Any, Any, Mknod},
	{true, Block, Any, Any, Mknod},
	{true, Char, 1, 3, All},     // null
	{true, Char, 1, 5, All},     // zero
	{true, Char, 1, 7, All},     // full
	{true, Char, 1, 8, All},     // random
	{true, Char, 1, 9, All},     // urandom
	{true, Char, 5, 0, All},     // tty
	{true, Char, 5, 1, All},     // console
	{true, Char, 5, 2, All},     // ptmx
	{true, Char, 136, Any, All}, // pts/*
}

// Container returns the policy for a container: deny all, then the rules of linux.resources.devices in their order, then
// the default devices, which therefore cannot be denied.
func Container(devices []specs.LinuxDeviceCgroup) (List, error) {
	l := List{Rules: make([]Rule, 0, len(devices)+len(everyone))}
	for i := range devices {
		r, err := Parse(&devices[i])
		if err != nil {
			return List{}, fmt.Errorf("linux.resources.devices[%d]: %w", i, err)
		}
		l.Add(r)
	}
	for _, r := range everyone {
		l.Add(r)
	}
	return l, nil
}
