package seccomp

import (
	"encoding/binary"
	"math/bits"
)

// Odd constants with about as many ones as zeros (the fraction of pi).
const (
	sumA = 0x243f6a8885a308d3
	sumB = 0x13198a2e03707345
	sumC = 0xa4093822299f31d1
)

// sum128 is a fast checksum and file name, not a cryptographic hash: linking
// crypto/sha256 costs every command 40–60 µs at start-up, more than a whole
// cache hit. Nothing rests on it being hard to forge, because an entry holds
// its complete key and is used only when that is equal byte for byte.
func sum128(b []byte) (hi, lo uint64) {
	h, l := uint64(len(b))^sumA, uint64(sumB)
	for len(b) >= 16 {
		h, l = stir(h, l, binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]))
		b = b[16:]
	}
	var tail [16]byte
	copy(tail[:], b)
	h, l = stir(h, l, binary.LittleEndian.Uint64(tail[:]), binary.LittleEndian.Uint64(tail[8:]))
	return stir(h, l, sumC, sumA)
}

// stir takes 16 bytes into the state: two wide multiplications, each folded.
func stir(h, l, x, y uint64) (uint64, uint64) {
	p, q := bits.Mul64(x^h^sumB, y^bits.RotateLeft64(l, 23)^sumC)
	r, s := bits.Mul64(y^l^sumA, x^bits.RotateLeft64(h, 41)^sumB)
	return p ^ s ^ bits.RotateLeft64(h, 7), q ^ r ^ bits.RotateLeft64(l, 11)
}
