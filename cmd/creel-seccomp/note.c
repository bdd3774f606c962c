/*
 * The ELF note by which creel knows the libseccomp in this program without
 * running it: owner "creel", type 1, the version as a string.
 */
#include <seccomp.h>
#include <stdint.h>

#define WORD_(x) #x
#define WORD(x) WORD_(x)

struct note {
	uint32_t namesz, descsz, type;
	char name[8];
	char desc[16];
};

__attribute__((section(".note.creel"), aligned(4), used))
const struct note creel_note = {
	.namesz = sizeof "creel", .descsz = sizeof creel_note.desc, .type = 1,
	.name = "creel",
	.desc = WORD(SCMP_VER_MAJOR) "." WORD(SCMP_VER_MINOR) "." WORD(SCMP_VER_MICRO),
};
