/* SPDX-License-Identifier: MIT */
/*
 * Answers: what the user asked about, read after the judgement.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/answer.h"
#include "model/finding.h"
#include "model/frames.h"
#include "model/heap.h"
#include "model/leaks.h"
#include "model/judgement.h"
#include "model/notes.h"
#include "model/sharing.h"

enum page_state {
	PAGES_UNTOUCHED, /* never backed by memory, or no longer */
	PAGES_RESIDENT,
	PAGES_ZERO, /* read but never written: the zero page, which all processes share */
	PAGES_SWAPPED,
	PAGES_UNKNOWN, /* not in memory: either never touched or swapped out */
	PAGES_GUARD,   /* MADV_GUARD_INSTALL: a guard inside a mapping */
	N_PAGE_STATES,
};

extern const char *const page_state_names[N_PAGE_STATES]; /* NULL for PAGES_UNKNOWN */

struct page_run { /* consecutive pages of one region that are alike */
	uint64_t start, end;
	uint32_t region;
	uint8_t state;	   /* enum page_state; the fields below are known only for resident pages */
	uint8_t is_huge;   /* enum answer: part of a huge page */
	uint8_t is_shared; /* mapped by other processes too */
	uint8_t is_dirty;
};

#define BLOCK_CONTENTS_MAX 64

/* The malloc block that holds an address. */
struct block_lookup {
	uint64_t start;		   /* the address that malloc returned */
	uint64_t size;		   /* with its header */
	uint64_t offset;	   /* of the address from start; UNKNOWN: the address is in the header */
	uint64_t arena;		   /* address of the arena's state; UNKNOWN: not known */
	uint8_t arena_kind, state; /* enum arena_kind, enum block_state */
	char *class_name;	   /* owned; NULL: not known */
	uint8_t n_contents;	   /* 0: not asked for, or not in memory */
	char contents[BLOCK_CONTENTS_MAX]; /* the first bytes at start */
};

struct lookup {		   /* an address that was asked about */
	const char *query; /* as the user wrote it; borrowed */
	uint64_t addr;	   /* UNKNOWN: there is no such symbol */
	uint32_t region;   /* or NO_REGION */
	bool has_page;
	struct page_run page;		     /* that holds addr, if has_page */
	char *symbol;			     /* that covers addr, any bytes; NULL: not known */
	uint64_t symbol_offset, symbol_size; /* size UNKNOWN: the file does not say */
	uint64_t file_offset;		     /* of addr in the mapped file, or UNKNOWN */
	char *section;			     /* that holds addr; NULL: none, or not read */
	struct block_lookup *block;	     /* that holds addr; NULL: none, or not known */
};

struct answers {
	/* By thread, the lowest page ever touched of its stack. UNKNOWN, or NULL for all: not looked at. */
	uint64_t *lowest;
	bool pages_missing;	    /* pages were asked for, but could not be read */
	struct page_run *page_runs; /* sorted */
	size_t n_page_runs, cap_page_runs;
	struct lookup *lookups; /* in the order of the queries */
	size_t n_lookups, cap_lookups;
	bool frames_missing;	  /* frames were asked for, but could not be read */
	struct frames *frames;	  /* of one thread; NULL: not asked for, or not available */
	struct heap heap;	  /* if it was asked for */
	struct leaks leaks;	  /* likewise */
	struct sharing sharing;	  /* likewise */
	struct findings findings; /* likewise */
	struct block_list blocks; /* of the heap, likewise */
	struct notes notes;
};

void answers_done(struct answers *answers);
