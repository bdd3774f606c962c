package rootfs

import "crypto/sha256"

// places are names in the root, without links. Names are as long as an archive wants them, and there may be millions:
// digests of them bound the memory that they need.
type places map[[16]byte]struct{}

func digest(name string) [16]byte {
	sum := sha256.Sum256([]byte(name))
	return [16]byte(sum[:])
}

func (p places) have(name string) bool {
	_, ok := p[digest(name)]
	return ok
}

// add says whether the name is new.
func (p places) add(name string) bool {
	d := digest(name)
	_, ok := p[d]
	p[d] = struct{}{}
	return !ok
}
