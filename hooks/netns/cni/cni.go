// Package cni has plugins make a container's interface, as a configuration of the Container Network Interface says
// (CNI specification 1.1).
package cni

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/containernetworking/cni/libcni"
	types100 "github.com/containernetworking/cni/pkg/types/100"
	"github.com/creel-project/creel/hooks/netns/link"
	"github.com/creel-project/creel/hooks/netns/port"
	"github.com/creel-project/creel/hooks/netns/record"
	"github.com/creel-project/creel/hooks/netns/resolv"
)

var errNone = errors.New("no configuration")

// Load reads a configuration by its name.
func Load(c *record.CNI) (*libcni.NetworkConfigList, error) {
	list, err := libcni.LoadNetworkConf(c.ConfDir, c.Network)
	var none libcni.NotFoundError
	var empty libcni.NoConfigsFoundError
	if errors.As(err, &none) || errors.As(err, &empty) {
		return nil, fmt.Errorf("there is %w named %q in %s", errNone, c.Network, c.ConfDir)
	}
	if err != nil {
		return nil, fmt.Errorf("configuration %q in %s: %w", c.Network, c.ConfDir, err)
	}
	return list, nil
}

// Capabilities are what plugins may be told besides (CONVENTIONS.md of CNI): those that a plugin asks for it gets.
func Capabilities(ports []port.Mapping, addresses []netip.Addr, mac net.HardwareAddr) map[string]any {
	all := map[string]any{}
	var mappings []map[string]any
	for _, list := range ports {
		for m := range list.Each() {
			one := map[string]any{"hostPort": int(m.HostPort), "containerPort": int(m.Port), "protocol": m.Proto}
			if m.Host.IsValid() {
				one["hostIP"] = m.Host.String()
			}
			mappings = append(mappings, one)
		}
	}
	if mappings != nil {
		all["portMappings"] = mappings
	}
	var ips []string
	for _, a := range addresses {
		ips = append(ips, a.String())
	}
	if ips != nil {
		all["ips"] = ips
	}
	if mac != nil {
		all["mac"] = mac.String()
	}
	return all
}

// A Result is what plugins have given a container, as far as others have to know.
type Result struct {
	resolv.Place
	DNS resolv.Conf
}

// Add calls the plugins with ADD.
func Add(e *record.Endpoint, list *libcni.NetworkConfigList) (r Result, err error) {
	said, err := library(e).AddNetworkList(context.Background(), list, runtime(e))
	if err != nil || said == nil {
		return r, err
	}
	result, err := types100.NewResultFromResult(said)
	if err != nil {
		return r, err
	}
	for _, ip := range result.IPs {
		if ip == nil {
			continue
		}
		if a, ok := netip.AddrFromSlice(ip.Address.IP); ok {
			r.Addresses = append(r.Addresses, a.Unmap())
		}
		if a, ok := netip.AddrFromSlice(ip.Gateway); ok {
			r.Gateways = append(r.Gateways, a.Unmap())
		}
	}
	r.DNS = resolv.Conf{Servers: result.DNS.Nameservers, Search: result.DNS.Search, Options: result.DNS.Options}
	return r, nil
}

// Delete calls them with DEL, with the configuration of the ADD, whatever has become of it meanwhile.
func Delete(e *record.Endpoint) error {
	c, rt := library(e), runtime(e)
	named := &libcni.NetworkConfigList{Name: e.CNI.Network}
	text, cached, err := c.GetNetworkListCachedConfig(named, rt)
	if err != nil {
		return err
	}
	var list *libcni.NetworkConfigList
	if text != nil {
		list, err = libcni.NetworkConfFromBytes(text)
	} else { // the hook was killed before its plugins were through
		list, err = Load(e.CNI)
	}
	if errors.Is(err, errNone) {
		return nil // nobody knows any more what there was
	}
	if err != nil {
		return err
	}
	if cached != nil {
		cached.NetNS = rt.NetNS
		rt = cached
	}
	ends := outside(c, list, rt)
	if err := c.DelNetworkList(context.Background(), list, rt); err != nil {
		return err
	}
	// Without the namespace plugins leave interfaces to the kernel, which removes them when nothing is left of it: a
	// connection that the container did not close keeps it for minutes.
	for _, name := range ends {
		if err := link.DeleteVeth(name); err != nil {
			return err
		}
	}
	return nil
}

// outside lists the interfaces on the host that came of ADD.
func outside(c *libcni.CNIConfig, list *libcni.NetworkConfigList, rt *libcni.RuntimeConf) (names []string) {
	cached, err := c.GetNetworkListCachedResult(list, rt)
	if err != nil || cached == nil {
		return nil
	}
	result, err := types100.NewResultFromResult(cached)
	if err != nil {
		return nil
	}
	for _, i := range result.Interfaces {
		if i != nil && i.Sandbox == "" {
			names = append(names, i.Name)
		}
	}
	return names
}

func library(e *record.Endpoint) *libcni.CNIConfig {
	return libcni.NewCNIConfigWithCacheDir(e.CNI.BinDirs, e.CNI.Cache, nil)
}

func runtime(e *record.Endpoint) *libcni.RuntimeConf {
	rt := &libcni.RuntimeConf{ContainerID: id(e.ID), IfName: e.Iface, CapabilityArgs: e.CNI.Capabilities}
	if ns := "/proc/" + strconv.Itoa(e.Pid) + "/ns/net"; e.Lives() {
		if _, err := os.Stat(ns); err == nil {
			rt.NetNS = ns
		}
	}
	return rt
}

// id makes a container's id one of CNI, which knows fewer letters.
func id(name string) string {
	letters := strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
	if letters == "" && strings.Trim(name[:1], "_.-") != "" {
		return name
	}
	sum := fnv.New64a()
	sum.Write([]byte(name))
	return fmt.Sprintf("creel-%016x", sum.Sum64())
}
