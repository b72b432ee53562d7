/* SPDX-License-Identifier: MIT */
#include "output/target_line.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "elf/machine.h"
#include "output/cell_text.h"

/* The caller frees it, like all texts here. */
static char *format_size(uint64_t bytes, const struct table_style *style)
{
	struct cell cell = { .number = bytes };
	struct cell_text p;

	format_cell(&p, CELL_SIZE, &cell, style);
	return mem_copy(p.text, p.len);
}

static char *format_safe(const char *text, size_t len, const struct table_style *style)
{
	return text_escape(text ? text : "-", text ? len : 1, style->is_utf8 ? TEXT_UTF8 : TEXT_TABLE);
}

static char *format_mappings(const struct space *space, const struct table_style *style)
{
	_cleanup_free_ char *size = format_size(space->facts.process.virtual, style);
	uint64_t n = facts_count_mappings(&space->facts);

	return mem_format("%" PRIu64 " mapping%s, %s virtual", n, n == 1 ? "" : "s", size);
}

/* A process: PID, name, user and sizes. */
static char *format_process(const struct space *space, const struct table_style *style)
{
	const struct process *process = &space->facts.process;
	_cleanup_free_ char *comm = format_safe(process->comm, process->comm_len, style);
	_cleanup_free_ char *user =
		format_safe(process->user, process->user ? strlen(process->user) : 0, style);
	_cleanup_free_ char *mappings = format_mappings(space, style);
	_cleanup_free_ char *resident = format_size(process->resident, style);
	_cleanup_free_ char *swapped = format_size(process->swapped, style);

	if (process->pid < 0)
		return mem_format("memory map: %s", mappings);
	return mem_format("%d: %s (%s), %s, %s resident, %s swapped", process->pid, comm, user, mappings,
			  resident, swapped);
}

/* How the process of a core file ended. */
static char *format_end(const struct core *core)
{
	_cleanup_free_ char *number = mem_format("signal %d", core->signal);
	const char *name = core->signal_name ? core->signal_name : number;

	if (core->signal == 0)
		return mem_copy("", 0);
	if (core->fault == UNKNOWN)
		return mem_format(", ended by %s in thread %d", name, core->tid);
	return mem_format(", ended by %s at %" PRIx64 " in thread %d", name, core->fault, core->tid);
}

/* A core file: likewise, with how much of the memory is in the file. */
static char *format_core(const struct space *space, const struct table_style *style)
{
	const struct process *process = &space->facts.process;
	const struct core *core = &space->facts.core;
	_cleanup_free_ char *path = format_safe(core->path, strlen(core->path), style);
	_cleanup_free_ char *comm = format_safe(process->comm, process->comm_len, style);
	_cleanup_free_ char *user =
		format_safe(process->user, process->user ? strlen(process->user) : 0, style);
	_cleanup_free_ char *pid = process->pid < 0 ? mem_copy("-", 1) : mem_format("%d", process->pid);
	_cleanup_free_ char *end = format_end(core);
	_cleanup_free_ char *mappings = format_mappings(space, style);
	_cleanup_free_ char *dumped = format_size(facts_dumped(&space->facts, 0, UINT64_MAX), style);
	_cleanup_free_ char *missing = format_size(core->missing, style);

	return mem_format("%s: core of %s %s (%s)%s, %s, %s in the file%s%s%s", path, pid, comm, user, end,
			  mappings, dumped, core->missing > 0 ? ", " : "", core->missing > 0 ? missing : "",
			  core->missing > 0 ? " cut off" : "");
}

/* An ELF file: its type, the memory it would take, its interpreter and its build-id. */
static char *format_elf(const struct space *space, const struct table_style *style)
{
	const struct elf_header *elf = &space->facts.elf;
	char machine[MACHINE_NAME_MAX];
	_cleanup_free_ char *exe = format_safe(space->facts.process.exe, space->facts.process.exe_len, style);
	_cleanup_free_ char *mappings = format_mappings(space, style);
	_cleanup_free_ char *interpreter = format_safe(elf->interpreter, elf->interpreter_len, style);
	_cleanup_free_ char *build_id = text_hex(elf->build_id, elf->build_id_len);

	machine_name(machine, elf->machine);
	return mem_format("%s: ELF %s-bit %s-endian %s %s, %s%s%s%s%s", exe,
			  elf->word_size == 4 ? "32" : "64", elf->is_big_endian ? "big" : "little", machine,
			  elf_type_names[elf->type], mappings, elf->interpreter ? ", interpreter " : "",
			  elf->interpreter ? interpreter : "", *build_id ? ", build-id " : "", build_id);
}

char *target_line(const struct space *space, const struct table_style *style)
{
	static char *(*const formats[N_ORIGINS])(const struct space *, const struct table_style *) = {
		[ORIGIN_PROCESS] = format_process,
		[ORIGIN_ELF] = format_elf,
		[ORIGIN_CORE] = format_core,
	};

	return formats[space->facts.origin](space, style);
}
