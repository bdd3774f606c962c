package image

// Overlay says what the root filesystem of a bundle is mounted of.
type Overlay struct {
	Layers []string `json:"layers"` // of the store, the lowest first
}
