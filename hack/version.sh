#!/bin/sh
# Prints the version of this tree, for -X …/internal/version.Version: the tag in
# a tagged commit, tag and distance after it, and 0.1.0-dev+gHASH where there is
# no tag. "-dirty" where a tracked file differs from its commit.
base=0.1.0-dev
cd "$(dirname "$0")/.." || exit 1
if ! described=$(git describe --tags --always --dirty 2>/dev/null); then
	echo "$base" # a tarball, or a repository without a commit
	exit 0
fi
case $described in
v[0-9]*) echo "${described#v}" ;;
*) echo "$base+g$described" ;;
esac
