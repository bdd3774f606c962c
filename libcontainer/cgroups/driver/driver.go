// Package driver holds what package cgroups and its drivers agree on: the interface that every driver
// implements and the values that pass through it. Programs use the names that package cgroups gives them.
package driver

import "errors"

// ErrNoCgroup is wrapped by the methods that need the cgroup when it is not there: it was never made
// (a rootless caller may not make any), or it is gone already.
var ErrNoCgroup = errors.New("the container has no cgroup")
