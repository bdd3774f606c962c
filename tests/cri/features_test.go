package cri

import (
	"testing"

	"github.com/creel-project/creel/tests/engines"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// containerd asks the runtime's features and tells kubelet, which offers nothing else to pods.
func TestKubeletHearsOfWhatTheRuntimeCanDo(t *testing.T) {
	engines.Since(t, "containerd", "2.0", "the features of runtimes")
	engines.DiffersBefore(t, "runc", "1.2", "it cannot map the ids of mounts")
	k := begin(t)
	r, err := services.Status(k.ctx, &runtime.StatusRequest{})
	k.Must(err)
	for _, h := range r.RuntimeHandlers {
		if h.Name == "creel" {
			if !h.Features.UserNamespaces || !h.Features.RecursiveReadOnlyMounts {
				t.Error(h)
			}
			return
		}
	}
	t.Error(r.RuntimeHandlers)
}

func TestAVolumeIsRecursivelyReadOnlyWhenAsked(t *testing.T) {
	engines.Since(t, "containerd", "2.0", "recursive read-only mounts")
	k := begin(t)
	dir := k.Path("data")
	k.Host("mkdir -p " + dir + "/below")
	k.MountTmpfs(dir + "/below")
	c := k.pod().container(sleep, func(c *runtime.ContainerConfig) {
		c.Mounts = []*runtime.Mount{
			{HostPath: dir, ContainerPath: "/ro", Readonly: true},
			{HostPath: dir, ContainerPath: "/rro", Readonly: true, RecursiveReadOnly: true},
		}
	})
	c.says("only above", "touch /ro/x 2>/dev/null || touch /ro/below/x && echo only above")
	c.says("below as well", "touch /rro/x 2>/dev/null || touch /rro/below/y 2>/dev/null || echo below as well")
	for _, m := range c.status().Mounts {
		if m.RecursiveReadOnly != (m.ContainerPath == "/rro") {
			t.Error(m)
		}
	}
}

func TestAnImageIsAVolume(t *testing.T) {
	engines.Since(t, "containerd", "2.1", "volumes from images")
	c := begin(t).pod().container(sleep, func(c *runtime.ContainerConfig) {
		c.Mounts = []*runtime.Mount{{Image: &runtime.ImageSpec{Image: image}, ContainerPath: "/image", Readonly: true}}
	})
	c.says("busybox", "touch /image/x 2>/dev/null || ls /image/bin/busybox | cut -d/ -f4")
}
