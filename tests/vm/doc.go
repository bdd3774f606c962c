// Package vm holds the parts of the VM tier (see README.md): scripts, the list of
// what runs where, and below it the packages of tests that run nowhere else.
package vm
