/* SPDX-License-Identifier: MIT */
#include "output/render_sarif.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "check/check.h"
#include "config.h"
#include "views/findings.h"

#define SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"

/* SARIF's levels have the same names as our severities. */
static const char *level_of(enum severity severity)
{
	return severity_names[severity];
}

/* ---- rules ---- */

/* In a message, braces stand for arguments and brackets for links, unless they are doubled or escaped. */
static char *escape_message(const char *text)
{
	char *escaped = mem_array(2 * strlen(text) + 1, 1);
	char *out = escaped;

	for (; *text; text++) {
		if (strchr("{}", *text))
			*out++ = *text;
		else if (strchr("[]\\", *text))
			*out++ = '\\';
		*out++ = *text;
	}
	*out = '\0';
	return escaped;
}

static void put_message(struct json *json, const char *key, const char *text)
{
	_cleanup_free_ char *escaped = escape_message(text);

	json_open_object(json, key, true);
	json_text(json, "text", escaped, strlen(escaped));
	json_close_object(json);
}

static void put_rule(struct json *json, const struct check_info *info)
{
	json_open_object(json, NULL, false);
	json_word(json, "id", info->code);
	put_message(json, "shortDescription", info->title);
	put_message(json, "fullDescription", info->title);
	put_message(json, "help", info->cure);
	json_open_object(json, "defaultConfiguration", true);
	json_word(json, "level", level_of(info->severity));
	json_close_object(json);
	json_open_object(json, "properties", true);
	json_open_array(json, "tags", true);
	json_word(json, NULL, "security");
	json_close_array(json);
	json_close_object(json);
	json_close_object(json);
}

void render_sarif_begin(struct json *json)
{
	json_open_object(json, NULL, false);
	json_word(json, "$schema", SCHEMA);
	json_word(json, "version", "2.1.0");
	json_open_array(json, "runs", false);
	json_open_object(json, NULL, false);
	json_open_object(json, "tool", false);
	json_open_object(json, "driver", false);
	json_word(json, "name", "memmap");
	json_word(json, "version", VERSION);
	json_open_array(json, "rules", false);
	for (enum check_id id = 0; id < N_CHECKS; id++)
		put_rule(json, &checks[id]);
	json_close_array(json);
	json_close_object(json);
	json_close_object(json);
	json_open_array(json, "results", false);
}

/* ---- results ---- */

/* Without the suffix that the kernel adds to the name of an unlinked file. */
static size_t path_len(const struct object *object)
{
	bool is_gone = object->state == FILE_DELETED || object->state == FILE_REPLACED;

	return is_gone ? undeleted_len(object->name, object->name_len) : object->name_len;
}

/* Escapes every byte but letters, digits and "-._~". Returns the end of what it wrote. */
static char *encode_step(char *out, const char *step, size_t len)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)step[i];

		if (c && strchr(plain, c))
			*out++ = (char)c;
		else
			out += sprintf(out, "%%%02X", c);
	}
	return out;
}

/* A path as a relative reference, without steps that lead nowhere ("//", "/./"). NULL if there is no path. */
static char *encode_path(const struct object *object)
{
	size_t len = path_len(object);
	char *text, *out;

	if (!object->name || !has_offset(object) || object->type == OBJECT_KERNEL)
		return NULL;
	text = out = mem_array(3 * len + 1, 1);
	for (size_t at = 0, end; at < len; at = end + 1) {
		const char *step = object->name + at;
		const char *slash = memchr(step, '/', len - at);

		end = slash ? (size_t)(slash - object->name) : len;
		if (end == at || (end - at == 1 && *step == '.'))
			continue;
		if (out > text)
			*out++ = '/';
		out = encode_step(out, step, end - at);
	}
	*out = '\0';
	if (out > text)
		return text;
	free(text);
	return NULL;
}

/* SARIF readers resolve paths below their root: no hostile snapshot or core file may lead out of it. */
static bool leads_up(const char *uri)
{
	const char *step = uri;

	while (strncmp(step, "..", 2) != 0 || (step[2] != '/' && step[2] != '\0')) {
		step = strchr(step, '/');
		if (!step)
			return false;
		step++;
	}
	return true;
}

static void put_location(struct json *json, const struct object *object)
{
	_cleanup_free_ char *uri = object ? encode_path(object) : NULL;

	if (!uri || leads_up(uri))
		return;
	json_open_array(json, "locations", false);
	json_open_object(json, NULL, true);
	json_open_object(json, "physicalLocation", true);
	json_open_object(json, "artifactLocation", true);
	json_word(json, "uri", uri);
	json_close_object(json);
	json_open_object(json, "region", true);
	json_number(json, "startLine", 1);
	json_close_object(json);
	json_close_object(json);
	json_close_object(json);
	json_close_array(json);
}

static const char *section_name(const struct space *space, const struct region *region)
{
	const struct section *section = region ? region_section(space, region) : NULL;

	return section && section->name ? section->name : "";
}

/*
 * Stays the same from run to run: contains no address, and not the name of a stack, since only its topmost
 * mapping has that name.
 */
static void put_fingerprint(struct json *json, const struct space *space, const struct finding *finding,
			    const struct region *region)
{
	const struct object *object = finding_object(space, finding);
	const char *command = space->facts.process.comm ? space->facts.process.comm : "";
	_cleanup_free_ char *path = object ? encode_path(object) : NULL;
	_cleanup_free_ char *text =
		mem_format("%s|%s|%s|%s", finding->code, path ? path : command,
			   region ? kinds[region->kind].name : "", section_name(space, region));
	char digits[24];

	snprintf(digits, sizeof(digits), "%016" PRIx64, hash_bytes(HASH_START, text, strlen(text)));
	json_open_object(json, "partialFingerprints", true);
	json_word(json, "memmapFinding/v1", digits);
	json_close_object(json);
}

static void put_region(struct json *json, const struct space *space, const struct region *region)
{
	const struct section *section = region_section(space, region);

	json_open_object(json, "region", true);
	json_address(json, "start", region->start);
	json_address(json, "end", region->end);
	json_word(json, "perms", perms_text(space->facts.mappings[region->mapping].perms));
	json_word(json, "kind", kinds[region->kind].name);
	if (section && section->name)
		json_text(json, "section", section->name, strlen(section->name));
	json_close_object(json);
}

static void put_properties(struct json *json, const struct space *space, const struct finding *finding,
			   const struct region *region)
{
	const struct process *process = &space->facts.process;
	const struct object *object = finding_object(space, finding);

	json_open_object(json, "properties", false);
	json_number(json, "pid", process->pid < 0 ? UNKNOWN : (uint64_t)process->pid);
	json_text(json, "comm", process->comm, process->comm_len);
	json_text(json, "name", object ? object->name : NULL, object ? object->name_len : 0);
	json_text(json, "cure", finding->cure, strlen(finding->cure));
	if (region)
		put_region(json, space, region);
	json_close_object(json);
}

static void put_result(struct json *json, const struct space *space, const struct finding *finding)
{
	const struct region *region =
		finding->region == NO_REGION ? NULL : &space->judgement.regions[finding->region];

	json_open_object(json, NULL, false);
	json_text(json, "ruleId", finding->code, strlen(finding->code));
	json_word(json, "level", level_of(finding->severity));
	put_message(json, "message", finding->text);
	put_location(json, finding_object(space, finding));
	put_fingerprint(json, space, finding, region);
	put_properties(json, space, finding, region);
	json_close_object(json);
}

void render_sarif_target(struct json *json, const struct view *view)
{
	for (size_t i = 0; i < view->rows.n; i++) {
		struct row row = rows_get(&view->rows, i);

		put_result(json, row.space, row.data);
	}
}

void render_sarif_end(struct json *json, bool is_complete)
{
	json_close_array(json);
	json_open_array(json, "invocations", true);
	json_open_object(json, NULL, true);
	json_bool(json, "executionSuccessful", is_complete);
	json_close_object(json);
	json_close_array(json);
	json_close_object(json);
	json_close_array(json);
	json_close_object(json);
}
