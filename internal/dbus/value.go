package dbus

import "math"

// Value is a value with its type, as a tree.
type Value struct {
	// Signature is the type: one of the basic types y b n q i u x t d s o g, an array a…, a struct (…), or a variant v.
	Signature string
	Bits      uint64  // of a number, in two's complement or as IEEE 754; 1 for true
	Text      string  // of s, o and g
	Items     []Value // of an array or struct; the one of a variant
}

// String is a text (s).
func String(s string) Value { return Value{Signature: "s", Text: s} }

// Uint32 is a number (u).
func Uint32(n uint32) Value { return Value{Signature: "u", Bits: uint64(n)} }

// Uint64 is a number (t).
func Uint64(n uint64) Value { return Value{Signature: "t", Bits: n} }

// Int32 is a number (i).
func Int32(n int32) Value { return Value{Signature: "i", Bits: uint64(int64(n))} }

// Double is a number (d).
func Double(f float64) Value { return Value{Signature: "d", Bits: math.Float64bits(f)} }

// Bool is a truth value (b).
func Bool(b bool) Value {
	v := Value{Signature: "b"}
	if b {
		v.Bits = 1
	}
	return v
}

// Bytes is an array of bytes (ay).
func Bytes(b []byte) Value {
	items := make([]Value, len(b))
	for i, c := range b {
		items[i] = Value{Signature: "y", Bits: uint64(c)}
	}
	return Array("y", items...)
}

// Array is an array of values of one type.
func Array(element string, items ...Value) Value {
	return Value{Signature: "a" + element, Items: items}
}

// Struct is a struct of values.
func Struct(items ...Value) Value {
	return Value{Signature: "(" + Signature(items) + ")", Items: items}
}

// Variant is a value that brings its type (v).
func Variant(v Value) Value { return Value{Signature: "v", Items: []Value{v}} }

// Signature is the types of values behind each other.
func Signature(values []Value) (all string) {
	for _, v := range values {
		all += v.Signature
	}
	return all
}
