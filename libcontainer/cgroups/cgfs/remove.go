package cgfs

// RemoveChildren removes everything below d, innermost first. Cgroups that hold processes make it fail with EBUSY.
func (d *Dir) RemoveChildren() error {
	return d.traverse(func(*Dir) error { return nil }, (*Dir).Rmdir)
}

// RemoveEmpty removes directories, given outermost first, that hold neither processes nor other cgroups. What cannot be
// removed is somebody's and stays.
func RemoveEmpty(dirs []string) {
	for i := len(dirs) - 1; i >= 0; i-- {
		parent, name := Split(dirs[i])
		d, err := Open(parent)
		if err != nil {
			continue
		}
		err = d.Rmdir(name)
		d.Close()
		if err != nil {
			return
		}
	}
}
