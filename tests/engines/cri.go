package engines

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// DialCRI connects to containerd's CRI plugin, and waits until it is there: a test's leak check would find a connection that
// is made by the first call.
func DialCRI() (*grpc.ClientConn, error) {
	conn, err := grpc.NewClient("unix://"+ContainerdSocket, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		_, err := runtime.NewRuntimeServiceClient(conn).Version(ctx, &runtime.VersionRequest{})
		if err == nil {
			return conn, nil
		}
		if ctx.Err() != nil { // until then it may be "not initialized yet"
			conn.Close()
			return nil, fmt.Errorf("containerd's CRI plugin at %s: %w", ContainerdSocket, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// AwaitImages waits until the plugin knows these images, which come to it in its own time.
func AwaitImages(names ...string) error {
	conn, err := DialCRI()
	if err != nil {
		return err
	}
	defer conn.Close()
	images := runtime.NewImageServiceClient(conn)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, name := range names {
		for {
			r, err := images.ImageStatus(ctx, &runtime.ImageStatusRequest{Image: &runtime.ImageSpec{Image: name}})
			if err != nil && ctx.Err() != nil {
				return err
			}
			if err == nil && r.Image != nil {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	return nil
}
