package cgfs

// Walk calls visit for d and every cgroup below it, parents after their children. Cgroups that vanish meanwhile
// are left out.
func (d *Dir) Walk(visit func(*Dir) error) error {
	return d.traverse(visit, func(*Dir, string) error { return nil })
}

// level is one directory on the way from the start of a traversal to where it is.
type level struct {
	name string
	path string
	rest []string // children still to come
}

// traverse visits d and everything below it, children first, and calls left with the parent and the name of each child
// after its visit. It keeps one directory open at any depth: a container that may make cgroups could
// nest them deeper than we may open files.
func (d *Dir) traverse(visit func(*Dir) error, left func(parent *Dir, name string) error) error {
	cur, err := d.Child(".")
	if Gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { cur.Close() }()
	cur.path = d.path
	stack := make([]level, 0, 8)
	if stack, err = push(stack, cur, ""); err != nil {
		return err
	}
	for {
		top := &stack[len(stack)-1]
		if n := len(top.rest); n > 0 {
			name := top.rest[n-1]
			top.rest = top.rest[:n-1]
			if stack, err = enter(stack, &cur, name); err != nil {
				return err
			}
			continue
		}
		if err := visit(cur); err != nil && !Gone(err) {
			return err
		}
		if len(stack) == 1 {
			return nil
		}
		stack = stack[:len(stack)-1]
		if err := goUp(&cur, stack[len(stack)-1].path); err != nil {
			return err
		}
		if err := left(cur, top.name); err != nil {
			return err
		}
	}
}

// enter moves cur into its child, unless that is gone.
func enter(stack []level, cur **Dir, name string) ([]level, error) {
	child, err := (*cur).Child(name)
	if Gone(err) {
		return stack, nil
	}
	if err != nil {
		return stack, err
	}
	(*cur).Close()
	*cur = child
	return push(stack, child, name)
}

func push(stack []level, d *Dir, name string) ([]level, error) {
	rest, err := d.Children()
	if err != nil && !Gone(err) {
		return stack, err
	}
	return append(stack, level{name: name, path: d.path, rest: rest}), nil
}

func goUp(cur **Dir, path string) error {
	parent, err := openAt((*cur).fd, "..", path)
	if err != nil {
		return err
	}
	(*cur).Close()
	*cur = parent
	return nil
}
