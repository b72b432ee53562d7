/* SPDX-License-Identifier: MIT */
/* One row per process, or per command, user, cgroup or container for all of its processes. */
#include "views/processes.h"

static const struct process_row *row_of(const struct row *row)
{
	return row->data;
}

static struct cell get_user(const struct column *column _unused_, const struct row *row)
{
	return cell_text(row_of(row)->user);
}

static struct cell get_comm(const struct column *column _unused_, const struct row *row)
{
	size_t len;
	const char *comm = process_key(row_of(row), GROUP_COMMAND, &len);

	return (struct cell){ .text = comm, .len = len };
}

static struct cell get_cgroup(const struct column *column _unused_, const struct row *row)
{
	return cell_text(row_of(row)->cgroup);
}

static struct cell get_container(const struct column *column _unused_, const struct row *row)
{
	return (struct cell){ .text = row_of(row)->container, .len = row_of(row)->container_len };
}

#define SIZE_COLUMN(title, name, id, rank)                                                    \
	{                                                                                     \
		title, CELL_SIZE, .yields = (rank), .needs = NEED_SIZES_BY_KIND, .key = name, \
				  .field = FIELD(struct process_row, sizes[KIND_##id]),       \
				  .help = "address space that is " name                       \
	}

/* In a narrow terminal, the kinds that usually have most of the memory stay longest. */
#define SIZE_COLUMNS                                                                                \
	SIZE_COLUMN("TEXT", "text", TEXT, 14), SIZE_COLUMN("RODATA", "rodata", RODATA, 19),         \
		SIZE_COLUMN("RELRO", "relro", RELRO, 22), SIZE_COLUMN("DATA", "data", DATA, 17),    \
		SIZE_COLUMN("BSS", "bss", BSS, 18), SIZE_COLUMN("HEAP", "heap", HEAP, 9),           \
		SIZE_COLUMN("STACK", "stack", STACK, 12), SIZE_COLUMN("GUARD", "guard", GUARD, 20), \
		SIZE_COLUMN("ANON", "anon", ANON, 10), SIZE_COLUMN("JIT", "jit", JIT, 15),          \
		SIZE_COLUMN("SHM", "shm", SHM, 11), SIZE_COLUMN("FILE", "file", FILE, 13),          \
		SIZE_COLUMN("DEVICE", "device", DEVICE, 21), SIZE_COLUMN("VDSO", "vdso", VDSO, 23), \
		SIZE_COLUMN("RESERVED", "reserved", RESERVED, 16)

#define SUM_COLUMN(title, name, member, rank, text)                                             \
	{                                                                                       \
		title, CELL_SIZE, .yields = (rank), .key = name,                                \
				  .field = FIELD(struct process_row, sums.member), .help = text \
	}

#define SUM_COLUMNS                                                                                         \
	SUM_COLUMN("RSS", "rss", rss, 0, "resident; pages that are shared count for each process"),         \
		SUM_COLUMN("PSS", "pss", pss, 0, "resident, each page divided by the number of its users"), \
		SUM_COLUMN("USS", "uss", uss, 7, "resident, used only by this process"),                    \
		SUM_COLUMN("SWAP", "swap", swap, 8, "swapped out"),                                         \
		SUM_COLUMN("SWAPPSS", "swappss", swap_pss, 8,                                               \
			   "swapped out, each page divided by the number of its users")

#define USER_COLUMN                                                                            \
	{                                                                                      \
		"USER", CELL_NAME, .key = "user", .get = get_user, .help = "user that owns it" \
	}
#define CGROUP_COLUMN                                                                        \
	{                                                                                    \
		"CGROUP", CELL_NAME, .shrinks = true, .needs = NEED_CGROUP, .key = "cgroup", \
				     .get = get_cgroup,                                      \
				     .help = "control group that its memory is charged to"   \
	}
#define CONTAINER_COLUMN                                                                            \
	{                                                                                           \
		"CONTAINER", CELL_NAME, .shrinks = true, .keeps_start = true, .needs = NEED_CGROUP, \
					.key = "container", .get = get_container,                   \
					.help = "ID or name of the container, by its cgroup"        \
	}
#define COMMAND_COLUMN(name)                                                                              \
	{                                                                                                 \
		"COMMAND", CELL_NAME, .shrinks = true, .keeps_start = true, .key = name, .get = get_comm, \
				      .help = "its name"                                                  \
	}

static const struct column process_columns[] = {
	{ "PID", CELL_NUMBER, .key = "pid", .field = FIELD(struct process_row, pid), .help = "process ID" },
	USER_COLUMN,
	SIZE_COLUMNS,
	SUM_COLUMNS,
	CGROUP_COLUMN,
	CONTAINER_COLUMN,
	COMMAND_COLUMN("comm"),
	{ 0 },
};

static const struct record listed_process_record = { process_columns, "pid,user,comm,rss,pss,uss,swap" };

#define SIZE_NAMES "TEXT,RODATA,RELRO,DATA,BSS,HEAP,STACK,GUARD,ANON,JIT,SHM,FILE,DEVICE,VDSO,RESERVED"
#define ALL_COLUMNS "PID,USER," SIZE_NAMES ",RSS,PSS,USS,SWAP,SWAPPSS,CGROUP,CONTAINER,COMMAND"

const struct view_info view_processes = {
	.option = "--all",
	.columns = process_columns,
	.usual = "PID,USER,RSS,PSS,USS,SWAP,COMMAND",
	.extended = "PID,USER," SIZE_NAMES ",RSS,PSS,USS,SWAP,COMMAND",
	.every = ALL_COLUMNS,
	.sort = "-PSS",
	.not_regions = true,
	.lists_processes = true,
	.record = &listed_process_record,
	.array = "processes",
};

/* ---- groups ---- */

static const struct column group_columns[] = {
	COMMAND_COLUMN("command"),
	USER_COLUMN,
	CGROUP_COLUMN,
	CONTAINER_COLUMN,
	{ "PROCESSES", CELL_NUMBER, .key = "processes", .field = FIELD(struct process_row, processes),
	  .help = "how many there are" },
	SIZE_COLUMNS,
	SUM_COLUMNS,
	{ 0 },
};

static const struct record group_record = {
	group_columns,
	"command,user,cgroup,container,processes,rss,pss,uss,swap",
};

#define GROUP_VIEW(name, value, what_it_needs)                                                      \
	{                                                                                           \
		.option = "--all --group=" value, .columns = group_columns,                         \
		.usual = name ",PROCESSES,RSS,PSS,USS,SWAP",                                        \
		.extended = name ",PROCESSES," SIZE_NAMES ",RSS,PSS,USS,SWAP",                      \
		.every = name ",PROCESSES," SIZE_NAMES ",RSS,PSS,USS,SWAP,SWAPPSS", .sort = "-PSS", \
		.needs = (what_it_needs), .not_regions = true, .lists_processes = true,             \
		.record = &group_record, .array = "groups",                                         \
	}

const struct view_info views_of_groups[] = {
	[GROUP_COMMAND] = GROUP_VIEW("COMMAND", "command", 0),
	[GROUP_USER] = GROUP_VIEW("USER", "user", 0),
	[GROUP_CGROUP] = GROUP_VIEW("CGROUP", "cgroup", NEED_CGROUP),
	[GROUP_CONTAINER] = GROUP_VIEW("CONTAINER", "container", NEED_CGROUP),
};
