package machine

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"
	"tags.cncf.io/container-device-interface/pkg/cdi"
)

// InjectCDI applies the container edits of devices, which are named as vendor.com/class=name, to a config.
func (m *Machine) InjectCDI(s *specs.Spec, devices []string) (err error) {
	dirs := m.CDIDirs
	if len(dirs) == 0 {
		dirs = cdi.DefaultSpecDirs
	}
	defer func() { // the library reads all files, and panics where an element is null
		if p := recover(); p != nil {
			err = fmt.Errorf("CDI specifications in %v: one of them cannot be read: %v", dirs, p)
		}
	}()
	cache, err := cdi.NewCache(cdi.WithSpecDirs(dirs...), cdi.WithAutoRefresh(false))
	if err != nil {
		return err
	}
	if _, err = cache.InjectDevices(s, devices...); err == nil {
		return nil
	}
	// a specification that cannot be read may be the one that is missed
	problems := cache.GetErrors()
	for _, file := range slices.Sorted(maps.Keys(problems)) {
		err = errors.Join(err, errors.Join(problems[file]...))
	}
	return fmt.Errorf("CDI specifications in %v: %w", dirs, err)
}
