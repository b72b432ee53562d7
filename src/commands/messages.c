/* SPDX-License-Identifier: MIT */
#include "commands/messages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "proc/process_list.h"

void complain(const char *target, int pid, const char *text)
{
	_cleanup_free_ char *safe_target = text_escape(target, strlen(target), TEXT_TABLE);
	_cleanup_free_ char *safe = text_escape(text, strlen(text), TEXT_TABLE);

	if (pid)
		fprintf(stderr, "memmap: %s (%d): %s\n", safe_target, pid, safe);
	else
		fprintf(stderr, "memmap: %s: %s\n", safe_target, safe);
}

void complain_unwritten(int error)
{
	fprintf(stderr, "memmap: cannot write: %s\n", strerror(error));
}

void report_no_process(uint64_t uid, const char *cgroup)
{
	_cleanup_free_ char *text = mem_format("no process%s%s", uid == ANY_USER ? "" : " of that user",
					       cgroup ? " in a matching cgroup" : "");

	complain("--all", 0, text);
}

void report_selection(struct run *run, const char *operand, size_t n, int code, const struct error *err)
{
	/* Nobody named the processes that do not answer: the output may merely lack one. */
	bool is_partial = code == -ETIMEDOUT && n > 0;

	complain(operand, 0, err->text);
	run->is_partial |= is_partial;
	run->has_failed |= !is_partial;
}

const char *hint_at_user(const struct run *run)
{
	return run->options.user ? "" : ", --user shows those of one user";
}

int pid_to_print(const struct target *target)
{
	return target->is_found || target->is_listed ? target->pid : 0;
}

static void print_notes(struct run *run, const char *operand, const struct target *target,
			const struct notes *notes)
{
	/* Keeps notes and output in order if both go to the same place. */
	if (notes->n > 0)
		out_flush(&run->out);
	for (size_t i = 0; i < notes->n; i++) {
		const struct note *note = &notes->items[i];
		bool is_of_others = target->is_found && is_note_of_missing(note);

		run->is_partial |= note->is_warning;
		if (is_of_others && notes_have(&run->said, note->code))
			continue;
		complain(operand, is_of_others ? 0 : pid_to_print(target), note->text);
		if (is_of_others)
			notes_add(&run->said, note->code, "%s", note->text);
	}
}

void print_all_notes(struct run *run, const char *operand, const struct target *target,
		     const struct space *space)
{
	print_notes(run, operand, target, &space->facts.notes);
	print_notes(run, operand, target, &space->answers.notes);
}

void report_failure(struct run *run, const char *operand, const struct target *target, int code,
		    const struct error *err)
{
	bool is_refused = target->is_found && (code == -EACCES || code == -EPERM);
	bool is_unread = is_refused || (target->is_found && (code == -ETIMEDOUT || code == -ESTALE));
	/* With --all, the user did not name this process: the output merely lacks a part. */
	bool is_part = is_unread && run->options.all;

	run->n_reported++;
	run->is_partial |= is_part;
	run->has_failed |= !is_part;
	/* There may be many processes of other users: report_refused() prints one line for all of them. */
	if (is_refused) {
		missing_add(&run->denied, target->pid);
		run->refused = *target;
		run->refusal = *err;
	} else {
		complain(operand, pid_to_print(target), err->text);
	}
}

void report_refused(struct run *run, const char *operand, size_t n)
{
	if (run->denied.n == 1) {
		complain(operand, pid_to_print(&run->refused), run->refusal.text);
	} else if (run->denied.n > 1) {
		_cleanup_free_ char *text = describe_refused(&run->denied, n, hint_at_user(run));

		complain(operand, 0, text);
	}
}

void report_nothing_left(const struct run *run, const char *operand)
{
	const struct selection *selection = &run->options.spec.selection;
	char text[64] = "no region matches";
	const struct {
		bool is_given;
		const char *option;
	} filters[] = {
		{ selection->kinds, "--kind" },
		{ selection->has_range, "--range" },
		{ selection->perms_mask, "--perms" },
		{ selection->name, "--name" },
	};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		if (filters[i].is_given) {
			strcat(text, n++ > 0 ? " and " : " ");
			strcat(text, filters[i].option);
		}
	if (n > 0)
		complain(operand, 0, text);
}
