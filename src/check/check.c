/* SPDX-License-Identifier: MIT */
#include "check/check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "check/checker.h"

/* In the order in which they run and are listed. */
const struct check_info checks[N_CHECKS] = {
	[CHECK_WRITABLE_CODE] = { "writable-code", SEVERITY_ERROR, "memory that is writable and executable",
				  "Map it writable or executable, never both: mprotect(2) between writing and running.",
				  check_code_memory },
	[CHECK_JIT_MEMORY] = { "jit-memory", SEVERITY_NOTE,
			       "writable and executable memory of a code generator",
			       "Use the generator's mode that keeps code read-only while it runs, if it has one, or turn it off.",
			       check_code_memory },
	[CHECK_EXECUTABLE_STACK] = { "executable-stack", SEVERITY_ERROR, "a stack that is executable",
				     "Link with -Wl,-z,noexecstack, and find the object file without .note.GNU-stack.",
				     check_executable_stack },
	[CHECK_EXECUTABLE_HEAP] = { "executable-heap", SEVERITY_ERROR, "a malloc heap that is executable",
				    "Give generated code its own mapping; do not call mprotect(2) on memory from malloc.",
				    check_executable_heap },
	[CHECK_TEXT_WRITTEN] = { "text-written", SEVERITY_ERROR, "machine code that differs from its file",
				 "Find out who wrote it: a debugger, a tracer, a hook, or an intruder.",
				 check_text_written },
	[CHECK_BREAKPOINTS] = { "breakpoints", SEVERITY_NOTE, "machine code with breakpoints in it",
				"Nothing to do while somebody debugs or traces the program.",
				check_text_written },
	[CHECK_TEXT_RELOCATIONS] = { "text-relocations", SEVERITY_WARNING,
				     "a module whose code is relocated, and so written to when it is loaded",
				     "Compile all of it with -fPIC, and link with -Wl,-z,text.",
				     check_text_relocations },
	[CHECK_RELRO_WRITABLE] = { "relro-writable", SEVERITY_ERROR,
				   "relocated data that is still writable, though the file asks for protection",
				   "Find out who made it writable; a loader that does not protect it should be replaced.",
				   check_relro_writable },
	[CHECK_NO_RELRO] = { "no-relro", SEVERITY_WARNING,
			     "a module that does not ask for protection of its relocated data",
			     "Link with -Wl,-z,relro.", check_no_relro },
	[CHECK_LAZY_BINDING] = { "lazy-binding", SEVERITY_NOTE,
				 "a module whose table of addresses stays writable: nothing asks to bind its calls at startup",
				 "Link with -Wl,-z,now.", check_lazy_binding },
	[CHECK_NO_PIE] = { "no-pie", SEVERITY_WARNING, "a program at a fixed address",
			   "Compile with -fPIE and link with -pie, or with -static-pie.", check_no_pie },
	[CHECK_MEMFD_CODE] = { "memfd-code", SEVERITY_WARNING, "code from a memfd, a file without a path",
			       "Find out who made it; seal it against writing (F_SEAL_WRITE) before it is run.",
			       check_code_memory },
	[CHECK_DELETED_CODE] = { "deleted-code", SEVERITY_WARNING, "code from a file that was deleted",
				 "Restart the process; if nobody has removed the file on purpose, find out who did.",
				 check_deleted_code },
	[CHECK_OUTDATED_CODE] = { "outdated-code", SEVERITY_WARNING,
				  "code that is older in memory than on disk",
				  "Restart the process: what was fixed in the file is not yet fixed in memory.",
				  check_outdated_code },
	[CHECK_WRITABLE_FILE] = { "writable-file", SEVERITY_ERROR,
				  "code from a file that everyone may change or replace",
				  "chmod o-w the file; set the sticky bit of a directory that everyone may write to.",
				  check_writable_file },
	[CHECK_FOREIGN_FILE] = { "foreign-file", SEVERITY_WARNING,
				 "code from a file owned by neither root nor the process's user",
				 "chown the file to root, or run the process as its owner.",
				 check_foreign_file },
	[CHECK_NO_STACK_GUARD] = { "no-stack-guard", SEVERITY_WARNING, "a thread's stack without a guard",
				   "Do not set the guard size to 0 (pthread_attr_setguardsize(3)), or add your own guard.",
				   check_no_stack_guard },
	[CHECK_STACK_NEARLY_FULL] = { "stack-nearly-full", SEVERITY_WARNING, "a stack with little room left",
				      "Make the stack larger (ulimit -s, pthread_attr_setstacksize(3)), or use less of it.",
				      check_stack_nearly_full },
	[CHECK_MAPPINGS_NEAR_LIMIT] = { "mappings-near-limit", SEVERITY_WARNING,
					"nearly as many mappings as the kernel allows",
					"Raise vm.max_map_count (sysctl(8)), or find out what makes so many mappings.",
					check_mappings_near_limit },
	[CHECK_SEALED] = { "sealed", SEVERITY_NOTE, "memory whose access can no longer be changed",
			   "Nothing to do: it is protected.", check_sealed },
	[CHECK_SHADOW_STACK] = { "shadow-stack", SEVERITY_NOTE,
				 "a shadow stack that return addresses are checked against",
				 "Nothing to do: it is protected.", check_shadow_stack },
	[CHECK_BRANCH_MARKS] = { "branch-marks", SEVERITY_NOTE,
				 "a program marked for control of its indirect branches (IBT, BTI)",
				 "Nothing to do: it is protected where processor and kernel support it.",
				 check_branch_marks },
};

enum check_id check_find(const char *code, size_t len)
{
	enum check_id id = 0;

	while (id < N_CHECKS && !(strlen(checks[id].code) == len && memcmp(checks[id].code, code, len) == 0))
		id++;
	return id;
}

/* ---- what is found ---- */

_printf_(7, 0) static void add(struct checker *checker, enum check_id id, enum severity severity,
			       const char *cure, uint32_t region, uint32_t object, const char *fmt,
			       va_list args)
{
	const struct check_info *info = &checks[id];
	struct finding *finding;
	char *text;

	if (!(checker->wanted & UINT64_C(1) << id))
		return;
	if (vasprintf(&text, fmt, args) < 0)
		mem_exhausted();
	finding = findings_add(checker->findings, severity);
	finding->region = region;
	finding->object = object;
	finding->code = mem_copy(info->code, strlen(info->code));
	finding->cure = mem_copy(cure, strlen(cure));
	finding->text = text;
}

void report(struct checker *checker, enum check_id id, uint32_t region, uint32_t object, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(checker, id, checks[id].severity, checks[id].cure, region, object, fmt, args);
	va_end(args);
}

void report_other(struct checker *checker, enum check_id id, enum severity severity, const char *cure,
		  uint32_t region, uint32_t object, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(checker, id, severity, cure ? cure : checks[id].cure, region, object, fmt, args);
	va_end(args);
}

char *name_of_object(const struct checker *checker, uint32_t object)
{
	const struct object *o = checker->space->facts.objects[object];

	return o->name ? text_escape(o->name, o->name_len, TEXT_TABLE) : mem_copy("?", 1);
}

/* ---- all of it ---- */

static void note_unread(const struct checker *checker, struct notes *notes)
{
	const struct evidence *evidence = &checker->evidence;

	if (lacks_regions(&checker->space->facts))
		notes_warn(
			notes, "check-regions",
			"checked without regions: the snapshot has none; --json without a view saves them");
	else if (evidence->n_unread > 0)
		notes_warn(
			notes, "check-files",
			"checked without the files of %zu of %zu module%s, which could not be read: what they ask "
			"for is not known",
			evidence->n_unread, evidence->n_modules, evidence->n_modules == 1 ? "" : "s");
}

/* Whether an earlier check with the same function has already covered this one. */
static bool has_run(uint64_t wanted, enum check_id id)
{
	for (enum check_id before = 0; before < id; before++)
		if (wanted & UINT64_C(1) << before && checks[before].run == checks[id].run)
			return true;
	return false;
}

void check_space(struct source *source, const struct space *space, uint64_t wanted, struct answers *answers)
{
	struct checker checker = {
		.source = source,
		.space = space,
		.wanted = wanted,
		.findings = &answers->findings,
	};

	evidence_read(&checker.evidence, source, space);
	for (enum check_id id = 0; id < N_CHECKS; id++)
		if (wanted & UINT64_C(1) << id && !has_run(wanted, id))
			checks[id].run(&checker);
	findings_sort(&answers->findings);
	note_unread(&checker, &answers->notes);
	evidence_done(&checker.evidence);
}
