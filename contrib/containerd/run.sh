ctr images import busybox.tar
ctr run --rm --runc-binary /usr/local/bin/creel docker.io/library/busybox:latest web echo hello
