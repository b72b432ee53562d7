/* SPDX-License-Identifier: MIT */
#include "render_pages.h"

#include "render_summary.h"

static struct cell get_start(const struct column *column _unused_, const struct addrspace *as _unused_,
			     const void *row)
{
	return cell_number(((const struct page_run *)row)->start);
}

static struct cell get_end(const struct column *column _unused_, const struct addrspace *as _unused_,
			   const void *row)
{
	return cell_number(((const struct page_run *)row)->end);
}

static struct cell get_size(const struct column *column _unused_, const struct addrspace *as _unused_,
			    const void *row)
{
	const struct page_run *run = row;

	return cell_number(run->end - run->start);
}

static struct cell get_pages(const struct column *column _unused_, const struct addrspace *as,
			     const void *row)
{
	const struct page_run *run = row;

	return cell_number((run->end - run->start) / as->page_size);
}

static struct cell get_state(const struct column *column _unused_, const struct addrspace *as _unused_,
			     const void *row)
{
	return cell_word(page_state_names[((const struct page_run *)row)->state]);
}

static struct cell answer(enum answer answer, const char *yes, const char *no)
{
	return cell_word(answer == ANSWER_UNKNOWN ? NULL : answer == ANSWER_YES ? yes : no);
}

static struct cell get_huge(const struct column *column _unused_, const struct addrspace *as _unused_,
			    const void *row)
{
	return answer(((const struct page_run *)row)->is_huge, "huge", "small");
}

static struct cell get_shared(const struct column *column _unused_, const struct addrspace *as _unused_,
			      const void *row)
{
	return answer(((const struct page_run *)row)->is_shared, "shared", "private");
}

static struct cell get_dirty(const struct column *column _unused_, const struct addrspace *as _unused_,
			     const void *row)
{
	return answer(((const struct page_run *)row)->is_dirty, "dirty", "clean");
}

static const struct region *region_of(const struct addrspace *as, const void *row)
{
	return &as->regions[((const struct page_run *)row)->region];
}

static struct cell get_kind(const struct column *column _unused_, const struct addrspace *as, const void *row)
{
	return cell_kind(region_of(as, row)->kind);
}

static struct cell get_name(const struct column *column _unused_, const struct addrspace *as, const void *row)
{
	return cell_name(region_name(as, region_of(as, row)));
}

static const struct column page_columns[] = {
	{ "START", CELL_ADDRESS, .get = get_start }, { "END", CELL_ADDRESS, .get = get_end },
	{ "SIZE", CELL_SIZE, .get = get_size },	     { "PAGES", CELL_NUMBER, .get = get_pages },
	{ "STATE", CELL_WORD, .get = get_state },    { "PAGE", CELL_WORD, .get = get_huge },
	{ "USERS", CELL_WORD, .get = get_shared },   { "WRITTEN", CELL_WORD, .get = get_dirty },
	{ "KIND", CELL_WORD, .get = get_kind },	     { "NAME", CELL_NAME, .shrinks = true, .get = get_name },
};

static const void *page_row(const void *context, size_t i)
{
	return (const struct page_run *)context + i;
}

void render_pages(struct out *out, const struct view *view, const struct table_style *style)
{
	const struct column *columns[ARRAY_SIZE(page_columns)];

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		columns[i] = &page_columns[i];
	if (!style->raw && !style->no_headings)
		render_process(out, view->as, style);
	table_print(out,
		    &(struct table){
			    .as = view->as,
			    .columns = columns,
			    .n_columns = ARRAY_SIZE(columns),
			    .n_rows = view->as->n_page_runs,
			    .row = page_row,
			    .context = view->as->page_runs,
		    },
		    style);
}
