package registry

import (
	"context"
	"fmt"

	"github.com/creel-project/creel/internal/bundle/image"
	"github.com/creel-project/creel/internal/bundle/progress"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Push sends an image, or an index with all that is in it, to a registry under a reference. Manifests stay byte for
// byte what they are; what the registry has is not sent.
func Push(ctx context.Context, s *image.Set, ref name.Reference, show *progress.Display) error {
	content, err := packed(s)
	if err != nil {
		return fmt.Errorf("push %s: %w", Name(ref), err)
	}
	found, err := findCredentials(ctx, ref.Context())
	if err != nil {
		return fmt.Errorf("push %s: %w", Name(ref), err)
	}
	updates := make(chan v1.Update, 16)
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		follow(show, updates)
	}()
	// A registry may copy a whole layer before it answers.
	err = remote.Push(ref, content, remote.WithContext(ctx), remote.WithAuth(found.Authenticator()), remote.WithTransport(base(10*patience)),
		remote.WithRetryBackoff(remote.Backoff{Duration: firstWait, Factor: 2, Steps: tries}), remote.WithJobs(parallel), remote.WithProgress(updates))
	<-shown // Push has closed updates
	if err != nil {
		return fmt.Errorf("push %s: %w", Name(ref), tell(err, ref.Context(), found))
	}
	show.Say("%s is %s", Name(ref), s.Descriptor.Digest)
	return nil
}

// follow shows how far a push has come.
func follow(show *progress.Display, updates <-chan v1.Update) {
	var task *progress.Task
	ok := true
	for u := range updates {
		if u.Error != nil {
			ok = false
			continue
		}
		if task == nil {
			task = show.Start("push", u.Total)
		}
		task.At(u.Complete)
	}
	if task != nil {
		task.End(ok, "")
	}
}
