/* Whether memory that init gives to the kernel is init's to give. */
#include <sanitizer/asan_interface.h>

#include "kernel.h"

UNCOVERED

static volatile u8 sink;

void readable(const char *what, long p, size_t n)
{
	if (n == 0)
		return;
	void *bad = __asan_region_is_poisoned((void *)p, n);
	if (bad)
		bug("%s reads %zu bytes, of which byte %zd is not init's", what, n,
		    (char *)bad - (char *)p);
	for (size_t i = 0; i < n; i++)
		sink = ((const u8 *)p)[i]; /* unmapped memory faults here */
}

void writable(const char *what, long p, size_t n)
{
	if (n == 0)
		return;
	void *bad = __asan_region_is_poisoned((void *)p, n);
	if (bad)
		bug("%s writes %zu bytes, of which byte %zd is not init's", what, n,
		    (char *)bad - (char *)p);
	for (size_t i = 0; i < n; i++) {
		volatile u8 *byte = (volatile u8 *)p + i;
		*byte = *byte; /* constants fault here */
	}
}

const char *string(const char *what, long p)
{
	const char *s = (const char *)p;
	if (!s)
		bug("%s gets NULL for a string", what);
	for (size_t n = 0;; n++) {
		if (__asan_address_is_poisoned(s + n))
			bug("%s gets a string that runs out of init's memory after %zu bytes", what, n);
		if (!s[n])
			return s;
	}
}

void put(const char *what, long p, const void *data, size_t n)
{
	writable(what, p, n);
	memcpy((void *)p, data, n);
}

#pragma clang attribute pop
