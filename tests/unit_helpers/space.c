/* SPDX-License-Identifier: MIT */
#include "space.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analysis/verify_regions.h"
#include "analysis/classify.h"
#include "analysis/modules.h"
#include "base/mem.h"
#include "proc/parse_maps.h"

void space_map(struct space *space, const char *maps)
{
	struct error err = { "" };
	struct maps_parser parser;
	size_t used;

	space_init(space);
	space->facts.page_size = 4096;
	maps_parser_init(&parser, &space->facts, OVERLAP_REFUSE);
	cr_assert_eq(maps_parser_feed(&parser, maps, strlen(maps), &used, &err), 0, "%s", err.text);
	cr_assert_eq(used, strlen(maps), "the map ends in half a line");
	for (size_t i = space->facts.n_mappings; i-- > 0;) {
		struct object *object = space->facts.objects[space->facts.mappings[i].object];

		object->first = (uint32_t)i;
		object->n_private += !(space->facts.mappings[i].perms & PERM_SHARED);
		object->is_executable |= (space->facts.mappings[i].perms & PERM_X) != 0;
	}
}

struct object *space_object(struct space *space, const char *name)
{
	size_t i = 1;

	while (i < space->facts.n_objects && strcmp(space->facts.objects[i]->name, name) != 0)
		i++;
	cr_assert_lt(i, space->facts.n_objects, "nothing is called %s", name);
	return space->facts.objects[i];
}

void space_add_file(struct space *space, const struct file *file)
{
	struct object *object = space_object(space, file->path);
	struct image *image = mem_alloc(sizeof(*image));

	while (file->segments[image->n_segments].perms)
		image->n_segments++;
	while (file->sections[image->n_sections].perms)
		image->n_sections++;
	image->segments = mem_array(image->n_segments, sizeof(*image->segments));
	image->sections = mem_array(image->n_sections, sizeof(*image->sections));
	memcpy(image->segments, file->segments, image->n_segments * sizeof(*image->segments));
	memcpy(image->sections, file->sections, image->n_sections * sizeof(*image->sections));
	for (size_t i = 0; i < image->n_segments; i++)
		image->end = MAX(image->end, image->segments[i].vaddr + image->segments[i].memsz);
	for (size_t i = 0; i < image->n_sections; i++)
		image->sections[i].decides = true;
	image->relro_start = file->relro_start;
	image->relro_end = file->relro_end;
	object->image = image;
	object->headers = HEADERS_FILE;
}

void space_classify(struct space *space)
{
	find_modules(&space->facts, &space->judgement);
	classify(&space->facts, false, &space->judgement);
	cr_assert_eq(check_regions(space, NULL), 0);
}

void space_expect(const struct space *space, const char *regions)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	for (size_t i = 0; i < space->judgement.n_regions; i++) {
		const struct region *region = &space->judgement.regions[i];

		fprintf(file, "%" PRIx64 "-%" PRIx64 " %s %s", region->start, region->end,
			kinds[region->kind].name, basis_names[region->basis]);
		if (region->module != NO_MODULE)
			fprintf(file, " #%" PRIi32, region->module);
		if (region->padding)
			fprintf(file, " +%" PRIx64, region->padding);
		fputc('\n', file);
	}
	fclose(file);
	cr_assert(strcmp(text, regions) == 0, "expected\n%sand not\n%s", regions, text);
}
