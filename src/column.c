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

static struct cell number(uint64_t value)
{
	return (struct cell){ .number = value };
}

static struct cell word(const char *text)
{
	return (struct cell){ .text = text, .len = text ? strlen(text) : 0, .is_plain = true };
}

static struct cell name(const struct object *object)
{
	if (!object)
		return (struct cell){ 0 };
	return (struct cell){
		.text = object->name, .len = object->name_len, .is_plain = object->is_plain,
	};
}

static struct cell get_start(const struct addrspace *as _unused_, const void *row)
{
	return number(((const struct region *)row)->start);
}

static struct cell get_end(const struct addrspace *as _unused_, const void *row)
{
	return number(((const struct region *)row)->end);
}

static struct cell get_size(const struct addrspace *as _unused_, const void *row)
{
	const struct region *region = row;

	return number(region->end - region->start);
}

static struct cell get_padding(const struct addrspace *as _unused_, const void *row)
{
	return number(((const struct region *)row)->padding);
}

static struct cell get_perms(const struct addrspace *as, const void *row)
{
	return word(perms_text(mapping_of(as, row)->perms));
}

static struct cell get_kind(const struct addrspace *as _unused_, const void *row)
{
	return word(kinds[((const struct region *)row)->kind].name);
}

static struct cell get_basis(const struct addrspace *as _unused_, const void *row)
{
	return word(basis_names[((const struct region *)row)->basis]);
}

static struct cell get_name(const struct addrspace *as, const void *row)
{
	return name(region_name(as, row));
}

static bool has_file(const struct object *object)
{
	return object->inode != 0 || object->major != 0 || object->minor != 0;
}

/* The offset of the region's first byte; maps gives that of the mapping's. */
static struct cell get_offset(const struct addrspace *as, const void *row)
{
	const struct region *region = row;
	const struct mapping *m = mapping_of(as, region);

	return number(has_file(mapping_object(as, m)) ? m->offset + (region->start - m->start) : UNKNOWN);
}

static struct cell get_dev(const struct addrspace *as, const void *row)
{
	const struct object *object = object_of(as, row);

	return number(has_file(object) ? (uint64_t)object->major << 32 | object->minor : UNKNOWN);
}

static struct cell get_inode(const struct addrspace *as, const void *row)
{
	const struct object *object = object_of(as, row);

	return number(has_file(object) ? object->inode : UNKNOWN);
}

/* A module's short name: the last component of its path. */
static struct cell get_module(const struct addrspace *as, const void *row)
{
	struct cell cell = name(module_object(as, row));
	const char *slash = cell.text ? memrchr(cell.text, '/', cell.len) : NULL;

	if (slash) {
		cell.len -= (size_t)(slash + 1 - cell.text);
		cell.text = slash + 1;
	}
	return cell;
}

static struct cell get_buildid(const struct addrspace *as, const void *row)
{
	const struct object *object = module_object(as, row);

	if (!object || object->image->build_id_len == 0)
		return (struct cell){ 0 };
	return (struct cell){
		.text = (const char *)object->image->build_id, .len = object->image->build_id_len,
	};
}

static struct cell get_file(const struct addrspace *as, const void *row)
{
	return word(file_state_names[object_of(as, row)->state]);
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
	{ "BASIS", CELL_WORD, .get = get_basis,
	  .help = "how KIND is known: segment, section, name, and so on" },
	{ "FILE", CELL_WORD, .needs = NEED_FILE_STATE, .get = get_file,
	  .help = "state of the file: ok, deleted, replaced, memfd, unreadable" },
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
