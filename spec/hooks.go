package spec

import (
	"path"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// hooks checks all six kinds. Whether the programs exist is seen when they are run.
func (c *checker) hooks() {
	h := c.Hooks
	if h == nil {
		return
	}
	for _, k := range [...]struct {
		field string
		hooks []specs.Hook
	}{
		{"hooks.prestart", h.Prestart}, {"hooks.createRuntime", h.CreateRuntime}, {"hooks.createContainer", h.CreateContainer},
		{"hooks.startContainer", h.StartContainer}, {"hooks.poststart", h.Poststart}, {"hooks.poststop", h.Poststop},
	} {
		for i := range k.hooks {
			c.hook(at(k.field, i), &k.hooks[i])
		}
	}
}

func (c *checker) hook(field string, h *specs.Hook) {
	switch {
	case h.Path == "":
		c.bad(field+".path", "it is missing; it takes the absolute path of a program")
	case !path.IsAbs(h.Path):
		c.bad(field+".path", "%q is not an absolute path", h.Path)
	default:
		c.text(field+".path", h.Path)
	}
	c.texts(field+".args", h.Args)
	c.texts(field+".env", h.Env)
	if h.Timeout != nil && *h.Timeout <= 0 {
		c.bad(field+".timeout", "%d is not a number of seconds above 0", *h.Timeout)
	}
}
