/* SPDX-License-Identifier: MIT */
#include "column.h"

#include <string.h>
#include <strings.h>

const char *perms_text(unsigned perms)
{
	static const char texts[16][5] = {
		"---p", "--xp", "-w-p", "-wxp", "r--p", "r-xp", "rw-p", "rwxp",
		"---s", "--xs", "-w-s", "-wxs", "r--s", "r-xs", "rw-s", "rwxs",
	};

	return texts[perms & 0xf];
}

static const struct mapping *mapping_of(const struct addrspace *as, const struct region *region)
{
	return &as->mappings[region->mapping];
}

static const struct object *object_of(const struct addrspace *as, const struct region *region)
{
	return mapping_object(as, mapping_of(as, region));
}

static const struct object *module_object(const struct addrspace *as, const struct region *region)
{
	return region->module == NO_MODULE ? NULL : as->objects[as->modules[region->module].object];
}

const struct object *region_name(const struct addrspace *as, const struct region *region)
{
	const struct object *object = object_of(as, region);

	return object->name ? object : module_object(as, region);
}

struct cell cell_number(uint64_t number)
{
	return (struct cell){ .number = number };
}

struct cell cell_word(const char *text)
{
	return (struct cell){ .text = text, .len = text ? strlen(text) : 0, .is_plain = true };
}

struct cell cell_kind(enum kind kind)
{
	struct cell cell = cell_word(kinds[kind].name);

	cell.colour = kinds[kind].colour;
	return cell;
}

struct cell cell_name(const struct object *object)
{
	if (!object)
		return (struct cell){ 0 };
	return (struct cell){
		.text = object->name,
		.len = object->name_len,
		.is_plain = object->is_plain,
	};
}

static struct cell get_start(const struct column *column _unused_, const struct addrspace *as _unused_,
			     const void *row)
{
	return cell_number(((const struct region *)row)->start);
}

static struct cell get_end(const struct column *column _unused_, const struct addrspace *as _unused_,
			   const void *row)
{
	return cell_number(((const struct region *)row)->end);
}

static struct cell get_size(const struct column *column _unused_, const struct addrspace *as _unused_,
			    const void *row)
{
	const struct region *region = row;

	return cell_number(region->end - region->start);
}

static struct cell get_padding(const struct column *column _unused_, const struct addrspace *as _unused_,
			       const void *row)
{
	return cell_number(((const struct region *)row)->padding);
}

static struct cell get_perms(const struct column *column _unused_, const struct addrspace *as,
			     const void *row)
{
	return cell_word(perms_text(mapping_of(as, row)->perms));
}

static struct cell get_kind(const struct column *column _unused_, const struct addrspace *as _unused_,
			    const void *row)
{
	return cell_kind(((const struct region *)row)->kind);
}

static struct cell get_basis(const struct column *column _unused_, const struct addrspace *as _unused_,
			     const void *row)
{
	return cell_word(basis_names[((const struct region *)row)->basis]);
}

static struct cell get_name(const struct column *column _unused_, const struct addrspace *as, const void *row)
{
	return cell_name(region_name(as, row));
}

static bool has_file(const struct object *object)
{
	return object->inode != 0 || object->major != 0 || object->minor != 0;
}

/* The offset of the region's first byte; maps gives that of the mapping's. */
static struct cell get_offset(const struct column *column _unused_, const struct addrspace *as,
			      const void *row)
{
	const struct region *region = row;
	const struct mapping *m = mapping_of(as, region);

	return cell_number(has_file(mapping_object(as, m)) ? m->offset + (region->start - m->start) :
							     UNKNOWN);
}

static struct cell get_dev(const struct column *column _unused_, const struct addrspace *as, const void *row)
{
	const struct object *object = object_of(as, row);

	return cell_number(has_file(object) ? (uint64_t)object->major << 32 | object->minor : UNKNOWN);
}

static struct cell get_inode(const struct column *column _unused_, const struct addrspace *as,
			     const void *row)
{
	const struct object *object = object_of(as, row);

	return cell_number(has_file(object) ? object->inode : UNKNOWN);
}

static struct cell get_tid(const struct column *column _unused_, const struct addrspace *as _unused_,
			   const void *row)
{
	int32_t tid = ((const struct region *)row)->tid;

	return cell_number(tid == NO_TID ? UNKNOWN : (uint64_t)tid);
}

/* A module's short name: the last component of its path. */
static struct cell get_module(const struct column *column _unused_, const struct addrspace *as,
			      const void *row)
{
	struct cell cell = cell_name(module_object(as, row));
	const char *slash = cell.text ? memrchr(cell.text, '/', cell.len) : NULL;

	if (slash) {
		cell.len -= (size_t)(slash + 1 - cell.text);
		cell.text = slash + 1;
	}
	return cell;
}

static struct cell get_buildid(const struct column *column _unused_, const struct addrspace *as,
			       const void *row)
{
	const struct object *object = module_object(as, row);

	if (!object || object->image->build_id_len == 0)
		return (struct cell){ 0 };
	return (struct cell){
		.text = (const char *)object->image->build_id,
		.len = object->image->build_id_len,
	};
}

static struct cell get_file(const struct column *column _unused_, const struct addrspace *as, const void *row)
{
	return cell_word(file_state_names[object_of(as, row)->state]);
}

/* How many pages begin below an address. */
static uint64_t pages_below(uint64_t addr, uint64_t page_size)
{
	return addr / page_size + (addr % page_size != 0);
}

/* Pages belong to the region that holds their first byte. */
static struct cell get_pages(const struct column *column _unused_, const struct addrspace *as,
			     const void *row)
{
	const struct region *region = row;
	uint64_t page = as->page_size;

	return cell_number(pages_below(region->end, page) - pages_below(region->start, page));
}

static struct cell get_figure(const struct column *column, const struct addrspace *as, const void *row)
{
	return cell_number(usage_get(&as->usage, ((const struct region *)row)->usage, column->figure));
}

static struct cell get_flags(const struct column *column _unused_, const struct addrspace *as,
			     const void *row)
{
	const char *words = usage_flags(&as->usage, ((const struct region *)row)->mapping);

	/* They come from a file that may be anybody's recording. */
	return (struct cell){ .text = words, .len = words ? strlen(words) : 0 };
}

#define FIGURE_COLUMN(title, of, text)                                                            \
	{                                                                                         \
		title, CELL_SIZE, .needs = NEED_FIGURE, .figure = FIGURE_##of, .get = get_figure, \
				  .help = text                                                    \
	}

const struct column region_columns[] = {
	{ "START", CELL_ADDRESS, .get = get_start, .help = "first address" },
	{ "END", CELL_ADDRESS, .get = get_end, .help = "address after the last one" },
	{ "SIZE", CELL_SIZE, .get = get_size, .help = "bytes from START to END" },
	{ "PADDING", CELL_SIZE, .get = get_padding,
	  .help = "bytes of SIZE outside the segment: pages are mapped whole" },
	{ "PERMS", CELL_WORD, .get = get_perms,
	  .help = "access: r read, w write, x execute; s shared or p private" },
	{ "KIND", CELL_WORD, .get = get_kind, .help = "what it is: see the kinds" },
	{ "NAME", CELL_NAME, .shrinks = true, .get = get_name,
	  .help = "file or label of the mapping, or the file of its module" },
	{ "OFFSET", CELL_ADDRESS, .get = get_offset, .help = "of START in the file" },
	{ "DEV", CELL_DEVICE, .get = get_dev, .help = "device of the file, major:minor" },
	{ "INODE", CELL_NUMBER, .get = get_inode, .help = "inode of the file" },
	{ "MODULE", CELL_NAME, .get = get_module, .help = "ELF module that it belongs to" },
	{ "BUILDID", CELL_BYTES, .get = get_buildid, .help = "build-id of the module" },
	{ "TID", CELL_NUMBER, .get = get_tid, .help = "thread whose stack or arena it is" },
	{ "BASIS", CELL_WORD, .get = get_basis,
	  .help = "how KIND is known: segment, section, name, and so on" },
	{ "FILE", CELL_WORD, .needs = NEED_FILE_STATE, .get = get_file,
	  .help = "state of the file: ok, deleted, replaced, memfd, unreadable" },
	{ "PAGES", CELL_NUMBER, .get = get_pages, .help = "pages that begin between START and END" },
	FIGURE_COLUMN("RSS", RSS, "resident in memory, hugetlb pages included"),
	FIGURE_COLUMN("PSS", PSS, "resident, each page divided by the number of its users"),
	FIGURE_COLUMN("PSS_DIRTY", PSS_DIRTY, "the part of PSS that has been written to"),
	FIGURE_COLUMN("USS", USS, "resident, used by this process alone"),
	FIGURE_COLUMN("DIRTY", DIRTY, "resident, written to since it was read or made"),
	FIGURE_COLUMN("SHARED", SHARED, "resident, used by other processes too"),
	FIGURE_COLUMN("SHARED_CLEAN", SHARED_CLEAN, "of SHARED, not written to"),
	FIGURE_COLUMN("SHARED_DIRTY", SHARED_DIRTY, "of SHARED, written to"),
	FIGURE_COLUMN("PRIVATE_CLEAN", PRIVATE_CLEAN, "of USS, not written to"),
	FIGURE_COLUMN("PRIVATE_DIRTY", PRIVATE_DIRTY, "of USS, written to"),
	FIGURE_COLUMN("REFERENCED", REFERENCED, "resident, marked as used of late"),
	FIGURE_COLUMN("ANON", ANONYMOUS, "resident, belonging to no file"),
	FIGURE_COLUMN("LAZYFREE", LAZYFREE, "given back with MADV_FREE, not yet taken"),
	FIGURE_COLUMN("HUGE", HUGE, "resident in transparent huge pages"),
	FIGURE_COLUMN("ANONHUGEPAGES", ANONHUGEPAGES, "of HUGE, anonymous memory"),
	FIGURE_COLUMN("SHMEMPMDMAPPED", SHMEMPMDMAPPED, "of HUGE, shared memory"),
	FIGURE_COLUMN("FILEPMDMAPPED", FILEPMDMAPPED, "of HUGE, files"),
	FIGURE_COLUMN("HUGETLB", HUGETLB, "resident in hugetlb pages; part of RSS here"),
	FIGURE_COLUMN("SHARED_HUGETLB", SHARED_HUGETLB, "of HUGETLB, used by other processes too"),
	FIGURE_COLUMN("PRIVATE_HUGETLB", PRIVATE_HUGETLB, "of HUGETLB, used by this process alone"),
	FIGURE_COLUMN("SWAP", SWAP, "swapped out"),
	FIGURE_COLUMN("SWAPPSS", SWAPPSS, "swapped out, each page divided by the number of its users"),
	FIGURE_COLUMN("LOCKED", LOCKED, "locked into memory"),
	FIGURE_COLUMN("KSM", KSM, "merged with equal pages by KSM"),
	{ "THPELIGIBLE", CELL_NUMBER, .needs = NEED_FIGURE, .figure = FIGURE_THPELIGIBLE, .get = get_figure,
	  .help = "1 where transparent huge pages are allowed" },
	{ "PROTECTIONKEY", CELL_NUMBER, .needs = NEED_FIGURE, .figure = FIGURE_PROTECTIONKEY,
	  .get = get_figure, .help = "memory protection key" },
	FIGURE_COLUMN("KERNELPAGESIZE", KERNELPAGESIZE, "page size of the mapping"),
	FIGURE_COLUMN("MMUPAGESIZE", MMUPAGESIZE, "page size of the processor for it"),
	{ "FLAGS", CELL_NAME, .needs = NEED_FLAGS, .get = get_flags,
	  .help = "VmFlags of the mapping, in words" },
};

const size_t n_region_columns = ARRAY_SIZE(region_columns);

const struct column *column_find(const char *text, size_t len)
{
	for (size_t i = 0; i < n_region_columns; i++)
		if (strlen(region_columns[i].name) == len &&
		    strncasecmp(region_columns[i].name, text, len) == 0)
			return &region_columns[i];
	return NULL;
}

static bool has_number(enum cell_type type)
{
	return type != CELL_WORD && type != CELL_NAME && type != CELL_BYTES;
}

int cell_compare(enum cell_type type, const struct cell *a, const struct cell *b)
{
	int order;

	if (has_number(type)) {
		/* UNKNOWN + 1 is 0. */
		return (a->number + 1 > b->number + 1) - (a->number + 1 < b->number + 1);
	}
	if (!a->text || !b->text)
		return (a->text != NULL) - (b->text != NULL);
	order = memcmp(a->text, b->text, MIN(a->len, b->len));
	return order ? order : (a->len > b->len) - (a->len < b->len);
}
