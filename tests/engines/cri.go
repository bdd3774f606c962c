package engines

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// DialCRI connects to containerd's CRI plugin, which may not be there yet: calls wait for it.
func DialCRI() (*grpc.ClientConn, error) {
	return grpc.NewClient("unix://"+ContainerdSocket, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
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
