package api

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/containerd/errdefs"
	"github.com/creel-project/creel/internal/bundle/user"
	"github.com/moby/moby/client"
)

// Accounts fetches passwd and group of a container, which need not run.
func (e *Engine) Accounts(ctx context.Context, container string) (*user.Files, error) {
	f := new(user.Files)
	var err error
	if f.Passwd, err = e.file(ctx, container, "/etc/passwd"); err != nil {
		return nil, err
	}
	f.Group, err = e.file(ctx, container, "/etc/group")
	return f, err
}

// file fetches one file; nil if it is missing. Docker resolves links to directories in the container, but not one that is the file itself.
func (e *Engine) file(ctx context.Context, container, name string) ([]byte, error) {
	const links = 40 // as many as the kernel follows (path_resolution(7))
	for range links {
		text, link, err := e.entry(ctx, container, name)
		if errdefs.IsNotFound(err) {
			return nil, nil
		}
		if err != nil {
			return nil, e.explained(container, fmt.Errorf("%s: %w", name, err))
		}
		if link == "" {
			return text, nil
		}
		if !path.IsAbs(link) {
			link = path.Join(path.Dir(name), link)
		}
		name = link
	}
	return nil, e.explained(container, fmt.Errorf("%s: too many links", name))
}

// entry fetches the text of a file, or where a link leads.
func (e *Engine) entry(ctx context.Context, container, name string) (text []byte, link string, err error) {
	answer, err := e.client.CopyFromContainer(ctx, container, client.CopyFromContainerOptions{SourcePath: name})
	if err != nil {
		return nil, "", err
	}
	defer answer.Content.Close()
	archive := tar.NewReader(answer.Content)
	header, err := archive.Next()
	if errors.Is(err, io.EOF) {
		return nil, "", errors.New("the archive is empty")
	}
	if err != nil {
		return nil, "", err
	}
	switch header.Typeflag {
	case tar.TypeReg:
		text, err = user.Read(archive)
		return text, "", err
	case tar.TypeSymlink:
		return nil, header.Linkname, nil
	}
	return nil, "", errors.New("it is not a regular file")
}
