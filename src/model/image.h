/* SPDX-License-Identifier: MIT */
/*
 * The headers of an ELF file. Addresses are as linked, without the bias.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

struct segment { /* one PT_LOAD */
	uint64_t vaddr, offset;
	uint64_t filesz, memsz; /* filesz <= memsz, and vaddr + memsz does not wrap */
	unsigned perms;
};

struct section { /* one SHF_ALLOC section */
	uint64_t start, end;
	unsigned perms;
	bool decides; /* the kind of its memory, which the segment leaves open */
	char *name;   /* any bytes; NULL: not asked for */
};

#define BUILD_ID_MAX 64

struct image {
	struct segment *segments; /* sorted by vaddr, at least one; a later one hides what it overlaps */
	size_t n_segments;
	uint64_t end;		  /* of the segment that ends last */
	struct section *sections; /* sorted, disjoint; those that decide or, if asked for, all */
	size_t n_sections;
	uint64_t relro_start, relro_end; /* PT_GNU_RELRO; equal when there is none */
	uint64_t eh_frame;		 /* PT_GNU_EH_FRAME; 0: none */
	bool has_code_apart;		 /* code and constants are in different segments */
	bool has_question;	  /* a segment may hold more than one kind of memory: sections decide */
	bool has_unread_sections; /* sections or their names are needed, but are too many to read */
	uint64_t base;		  /* of the first segment, rounded down to its alignment */
	size_t build_id_len;
	unsigned char build_id[BUILD_ID_MAX];
	size_t n_shares; /* how many times image_free() only gives up a share */
};

void image_free(struct image *image);

/* Lets another object have the same image, which then calls image_free() as well. */
struct image *image_share(struct image *image);

static inline void cleanup_image(struct image **image)
{
	image_free(*image);
}

/* Takes the image that a cleanup local holds, and clears the local. */
static inline struct image *steal_image(struct image **image)
{
	struct image *stolen = *image;

	*image = NULL;
	return stolen;
}

#define _cleanup_image_ _cleanup_(cleanup_image)

/* Whether an address, as linked, is in the zeroes that follow a segment's bytes from the file. */
bool image_has_zeroes(const struct image *image, uint64_t addr) _pure_;

enum elf_type {
	ELF_EXECUTABLE, /* at fixed addresses */
	ELF_PIE,
	ELF_SHARED,
	N_ELF_TYPES,
};

extern const char *const elf_type_names[N_ELF_TYPES];

struct elf_header { /* of the file as a whole */
	enum elf_type type;
	size_t word_size; /* 4 or 8 */
	bool is_big_endian;
	bool is_debug_file; /* separate debug information: the code and data are in another file */
	unsigned machine;   /* e_machine, as in machine.h */
	size_t build_id_len;
	unsigned char build_id[BUILD_ID_MAX];
	char *interpreter; /* path of its loader, any bytes; NULL: it has none */
	size_t interpreter_len;
};
