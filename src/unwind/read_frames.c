/* SPDX-License-Identifier: MIT */
#include "unwind/read_frames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "elf/handle.h"
#include "elf/symbolizer.h"
#include "unwind/session.h"
#include "unwind/source_line.h"
#include "unwind/unwind.h"

const bool can_read_frames = true;

struct spot { /* an address that one or more frames are at */
	uint64_t address;
	bool is_return; /* the frame's pc is a return address: the call is right before it */
	size_t first_location, n_locations;
	bool is_guess; /* its caller was found without unwind information, and may be wrong */
	bool is_split; /* its inlined functions are in a file that is not read */
};

static uint64_t address_of(const struct raw_frame *frame)
{
	return frame->pc - frame->is_return;
}

static int compare_spots(const void *a, const void *b)
{
	const struct spot *x = a;
	const struct spot *y = b;

	if (x->address != y->address)
		return x->address > y->address ? 1 : -1;
	return x->is_return - y->is_return;
}

static struct spot spot_of(const struct raw_frame *frame)
{
	return (struct spot){ .address = address_of(frame), .is_return = frame->is_return };
}

static uint32_t find_object(const struct space *space, uint64_t address)
{
	size_t i = facts_find_mapping(&space->facts, address);

	if (i < space->facts.n_mappings && space->facts.mappings[i].start <= address &&
	    mapping_object(&space->facts, &space->facts.mappings[i])->name)
		return space->facts.mappings[i].object;
	for (i = 0; i < space->judgement.n_modules; i++)
		if (space->judgement.modules[i].start <= address && address < space->judgement.modules[i].end)
			return space->judgement.modules[i].object;
	return 0;
}

/* Takes the name that --at shows, rather than the one in the debug information. */
static void set_symbol(const struct space *space, struct symbolizer *symbols, uint64_t address,
		       struct frames *frames)
{
	struct location *location = &frames->locations[frames->n_locations - 1];
	uint32_t i = judgement_region(&space->judgement, address);
	const struct symbol *symbol;

	if (i == NO_REGION || space->judgement.regions[i].module == NO_MODULE)
		return;
	symbol = symbolizer_at(symbols, &space->judgement.modules[space->judgement.regions[i].module],
			       address, &location->offset);
	if (symbol)
		location->function = frames_name(frames, symbol->name);
}

static void look_up(struct libdw_session *session, struct symbolizer *symbols, struct spot *spot,
		    struct frames *frames)
{
	Dwfl_Module *module = session->dw->dwfl_addrmodule(session->dwfl, spot->address);

	elf_watch();
	spot->first_location = frames->n_locations;
	spot->is_split = !find_locations(session->dw, libdw_session_load(session, module) ? module : NULL,
					 spot->address, frames);
	libdw_session_fail(session, elf_failure());
	set_symbol(session->space, symbols, spot->address, frames);
	spot->n_locations = frames->n_locations - spot->first_location;
	spot->is_guess = !has_unwind_rows(session->dw, module, spot->address);
	for (size_t i = 0; i < spot->n_locations; i++) {
		struct location *location = &frames->locations[spot->first_location + i];

		location->object = find_object(session->space, spot->address);
		if (location->offset != UNKNOWN)
			location->offset += spot->is_return;
	}
}

/*
 * A recursion has many frames at few addresses: looks up each address once. Returns the number of
 * addresses.
 */
static size_t find_spots(struct libdw_session *session, struct symbolizer *symbols,
			 const struct raw_frames *raw, struct spot *spots, struct frames *frames)
{
	size_t n = 0;

	for (size_t i = 0; i < raw->n; i++)
		spots[i] = spot_of(&raw->frames[i]);
	qsort(spots, raw->n, sizeof(*spots), compare_spots);
	for (size_t i = 0; i < raw->n; i++) {
		if (n > 0 && compare_spots(&spots[n - 1], &spots[i]) == 0)
			continue;
		spots[n] = spots[i];
		look_up(session, symbols, &spots[n++], frames);
	}
	return n;
}

/* Whether two addresses are in one mapping, or in one stack, which may consist of several regions. */
static bool are_on_one_stack(const struct space *space, uint64_t low, uint64_t high)
{
	const struct region *regions = space->judgement.regions;
	uint32_t i = judgement_region(&space->judgement, low);
	uint32_t last = judgement_region(&space->judgement, high);

	if (i == NO_REGION || last == NO_REGION || regions[i].mapping == regions[last].mapping)
		return i != NO_REGION && last != NO_REGION;
	while (i < last && regions[i].kind == KIND_STACK && regions[i].end == regions[i + 1].start &&
	       regions[i].tid == regions[i + 1].tid)
		i++;
	return i == last && regions[i].kind == KIND_STACK;
}

/*
 * A frame ends at its caller's stack pointer, unless the stack changes: a signal may be handled on
 * another stack.
 */
static uint64_t find_end(const struct space *space, const struct raw_frames *raw, size_t i)
{
	uint64_t sp = raw->frames[i].sp;
	uint64_t end = i + 1 < raw->n ? raw->frames[i + 1].sp : UNKNOWN;

	if (sp == UNKNOWN || end == UNKNOWN || end < sp || !are_on_one_stack(space, sp, MAX(sp, end - 1)))
		return UNKNOWN;
	return end;
}

static void add_frames(struct frames *frames, const struct space *space, const struct raw_frames *raw,
		       size_t i, const struct spot *spot)
{
	for (size_t k = 0; k < spot->n_locations; k++) {
		bool is_last = k + 1 == spot->n_locations;

		mem_grow(frames->frames, frames->n, frames->cap);
		frames->frames[frames->n++] = (struct frame){
			.start = is_last ? raw->frames[i].sp : UNKNOWN,
			.end = is_last ? find_end(space, raw, i) : UNKNOWN,
			.pc = raw->frames[i].pc,
			.location = (uint32_t)(spot->first_location + k),
			.is_inlined = !is_last,
		};
	}
}

struct doubts {
	size_t n_guesses, n_split; /* numbers of frames */
	bool are_names_cut;
};

static struct frames *make_frames(struct libdw_session *session, struct symbolizer *symbols,
				  const struct raw_frames *raw, int32_t tid, struct doubts *ret_doubts)
{
	struct frames *frames = mem_alloc(sizeof(*frames));
	_cleanup_free_ struct spot *spots = mem_array(raw->n, sizeof(*spots));
	size_t n = find_spots(session, symbols, raw, spots, frames);

	frames->tid = tid;
	*ret_doubts = (struct doubts){ 0 };
	for (size_t i = 0; i < raw->n; i++) {
		struct spot key = spot_of(&raw->frames[i]);
		const struct spot *spot = bsearch(&key, spots, n, sizeof(*spots), compare_spots);

		add_frames(frames, session->space, raw, i, spot);
		ret_doubts->n_guesses += spot->is_guess && i + 1 < raw->n;
		ret_doubts->n_split += spot->is_split;
	}
	ret_doubts->are_names_cut = frames_cut_names(frames);
	return frames;
}

static void note_doubts(struct notes *notes, const struct frames *frames, const struct raw_frames *raw,
			const struct doubts *doubts)
{
	if (raw->is_cut)
		notes_warn(notes, "frames-truncated", "the frames end early, after number %zu: %s",
			   frames->n - 1, raw->why[0] ? raw->why : "nothing leads to its caller");
	if (doubts->are_names_cut)
		notes_warn(notes, "names-cut",
			   "names of functions and source files of more than %d bytes are cut off",
			   FRAME_NAME_USUAL);
	if (doubts->n_guesses > 0)
		notes_add(notes, "frames-guessed",
			  "%zu frame%s in code without unwind information: the caller was found by frame "
			  "pointer, and may be wrong",
			  doubts->n_guesses, doubts->n_guesses == 1 ? " is" : "s are");
	if (doubts->n_split > 0)
		notes_warn(notes, "debug-split",
			   "%zu frame%s in code whose debug information is in separate files (.dwo), which "
			   "are not read: functions inlined there are missing",
			   doubts->n_split, doubts->n_split == 1 ? " is" : "s are");
}

static void note_missing(struct notes *notes, size_t n)
{
	if (n > 0)
		notes_warn(
			notes, "debug-shared",
			"the debug information of %zu module%s is incomplete: the file that it shares with "
			"others (dwz) is not installed",
			n, n == 1 ? "" : "s");
}

static void note_unfit(struct notes *notes, const struct libdw_session *session)
{
	size_t n = session->n_inflated;

	if (n > 0)
		notes_warn(notes, "debug-inflated",
			   "%zu file%s not used: there are too many compressed sections, or they claim to be "
			   "more than 16 times as large as they are in the file",
			   n, n == 1 ? " was" : "s were");
	n = session->n_endless;
	if (n > 0)
		notes_warn(notes, "debug-damaged",
			   "%zu file%s not used: names in the debug information do not end", n,
			   n == 1 ? " was" : "s were");
}

static void note_unread(struct notes *notes, int code)
{
	if (code < 0)
		notes_warn(
			notes, "debug-unread",
			"debug information could not be read: %s: source lines and inlined functions may be missing",
			strerror(-code));
}

int read_frames(struct source *source, const struct space *space, int32_t tid, enum debug_use use,
		struct answers *answers, struct error *err)
{
	struct libdw_session session;
	struct symbolizer symbols;
	struct raw_frames raw;
	struct doubts doubts;
	int r;

	if (!source->ops->hold_thread || (!source->is_native && space->facts.origin != ORIGIN_CORE))
		return error_set(err, -ENOTSUP, "only a running process of this system can be stopped");
	r = libdw_session_begin(&session, source, space, use, err);
	if (r < 0)
		return r;
	r = unwind(&session, tid, &raw, err);
	if (r == 0) {
		symbolizer_init(&symbols, source, &space->facts, use == DEBUG_FETCHED);
		answers->frames = make_frames(&session, &symbols, &raw, tid, &doubts);
		note_doubts(&answers->notes, answers->frames, &raw, &doubts);
		note_missing(&answers->notes, libdw_session_missing(&session));
		note_unfit(&answers->notes, &session);
		note_unread(&answers->notes, session.unread_code);
		symbols.debuginfod_missing |= session.debuginfod_missing;
		symbolizer_note(&symbols, &answers->notes);
		symbolizer_done(&symbols);
	}
	libdw_session_end(&session);
	free(raw.frames);
	return r;
}
